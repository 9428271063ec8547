"""Stands in for the official Python client, which cannot be had offline: what the snippets use of it, over the same HTTP."""

import json
import time
import urllib.request


class Prediction(dict):
    """What the API answers, with its fields as attributes."""

    def __init__(self, client, fields):
        super().__init__(fields)
        self.client = client

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def wait(self):
        while self["status"] in ("starting", "processing"):
            time.sleep(0.1)
            self.update(self.client.request("GET", f"/v1/predictions/{self['id']}"))


class ServerSentEvent:
    def __init__(self, event, data):
        self.event = event
        self.data = data

    def __str__(self):
        return self.data if self.event == "output" else ""


class Predictions:
    def __init__(self, client):
        self.client = client

    def create(self, version, input):
        return Prediction(self.client, self.client.request("POST", "/v1/predictions", {"version": version, "input": input}))


class Deployment(dict):
    """What the API answers, with `predictions` to create some of it."""

    def __init__(self, client, fields):
        super().__init__(fields)
        self.client = client
        self.predictions = DeploymentPredictions(client, f"{self['owner']}/{self['name']}")


class DeploymentPredictions:
    def __init__(self, client, name):
        self.client = client
        self.name = name

    def create(self, input):
        return Prediction(self.client, self.client.request("POST", f"/v1/deployments/{self.name}/predictions", {"input": input}))


class Deployments:
    def __init__(self, client):
        self.client = client

    def get(self, name):
        return Deployment(self.client, self.client.request("GET", f"/v1/deployments/{name}"))

    def create(self, **fields):
        return Deployment(self.client, self.client.request("POST", "/v1/deployments", fields))


class Client:
    def __init__(self, api_token, base_url):
        self.api_token = api_token
        self.base_url = base_url
        self.predictions = Predictions(self)
        self.deployments = Deployments(self)

    def request(self, method, path, body=None):
        with self.open(method, self.base_url + path, body) as answer:
            return json.load(answer)

    def open(self, method, url, body=None, accept="application/json"):
        headers = {"Authorization": f"Bearer {self.api_token}", "Content-Type": "application/json", "Accept": accept}
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60)

    def stream(self, ref, input):
        prediction = self.predictions.create(version=ref.split(":")[1], input=input)
        event, data = "message", []
        with self.open("GET", prediction["urls"]["stream"], accept="text/event-stream") as answer:
            for line in answer:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    data.append(line[6:])
                elif line == "" and data:
                    yield ServerSentEvent(event, "\n".join(data))
                    if event == "done":
                        return
                    event, data = "message", []
