"""OpenStack Swift with its S3 API in one process, for tests: one account, in the given folder and at the given port.

Started by lib/test/s3.mjs; ends when its standard input does. Its data survives a restart.
"""
import eventlet
from eventlet import patcher

patcher.monkey_patch(all=False, socket=True, select=True, thread=True, time=True, os=False)

import logging
import os
import sys
from time import time as clock

from eventlet import wsgi
from swift.common import utils

# Nothing has to survive a loss of power.
os.fsync = os.fdatasync = lambda _: None

folder, port, key, secret = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]

# Before anything reads the one of the system.
utils.SWIFT_CONF_FILE = os.path.join(folder, "swift.conf")
with open(utils.SWIFT_CONF_FILE, "w") as conf:
    conf.write("[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n[storage-policy:0]\nname = one\ndefault = yes\n")

from swift.account import server as account_server
from swift.common import storage_policy
from swift.common.ring.builder import RingBuilder
from swift.common.wsgi import SwiftHttpProtocol, loadapp
from swift.container import server as container_server
from swift.obj import server as object_server

storage_policy.reload_storage_policies()
os.makedirs(os.path.join(folder, "devices", "disk"), exist_ok=True)

# A disk that is no mount of its own, and nobody to keep replicas with.
conf = {"swift_dir": folder, "devices": os.path.join(folder, "devices"), "mount_check": "false", "log_level": "ERROR", "fallocate_reserve": "0"}
quiet = logging.getLogger("quiet")
quiet.addHandler(logging.StreamHandler() if os.environ.get("S3_SERVER_LOG") else logging.NullHandler())
quiet.propagate = False


def serve(listener, app):
    eventlet.spawn(wsgi.server, listener, app, quiet, protocol=SwiftHttpProtocol, max_size=1000, socket_timeout=600)


listeners = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in ("account", "container", "object")}
for kind, listener in listeners.items():
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "disk", "meta": ""})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, kind + ".ring.gz"))

serve(listeners["account"], account_server.AccountController(conf))
serve(listeners["container"], container_server.ContainerController(conf))
serve(listeners["object"], object_server.ObjectController(conf))

account, user = key.split(":")
with open(os.path.join(folder, "proxy.conf"), "w") as file:
    file.write(f"""
[DEFAULT]
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors listing_formats s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
# There is no other disk to turn to while one is busy.
error_suppression_limit = 1000000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:slo]
use = egg:swift#slo
""")
proxy = loadapp(os.path.join(folder, "proxy.conf"), global_conf={})


class Cache:
    """What memcached would keep, of which one process needs this much."""

    def __init__(self):
        self.kept = {}

    def get(self, key, **_):
        value, until = self.kept.get(key, (None, 0))
        return value if until > clock() else None

    def set(self, key, value, time=0, **_):
        self.kept[key] = (value, clock() + (time or 3600))

    def delete(self, key, **_):
        self.kept.pop(key, None)

    def incr(self, key, delta=1, time=0, **_):
        self.set(key, int(self.get(key) or 0) + delta, time=time)
        return self.get(key)


cache = Cache()


def application(env, start_response):
    env["swift.cache"] = cache
    return proxy(env, start_response)


serve(eventlet.listen(("127.0.0.1", port), reuse_addr=True), application)
print("ready", flush=True)
eventlet.tpool.execute(sys.stdin.read)
