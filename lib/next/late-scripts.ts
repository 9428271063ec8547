const script = /<script src="(\/_next\/static\/[^"]+)"(?: nonce="[^"]*"| async="")+><\/script>/g
const preload = /<link rel="preload" as="script"[^>]* href="\/_next\/static\/[^"]+"\/>/g
const end = "</body></html>"

/**
 * Runs in the page, with the addresses of its scripts. A page in the background is not painted: after a second, it gets
 * its scripts without. "async" is an attribute, because React looks for it before it adds a script of its own. Presses
 * of buttons that need scripts, and shortcuts, are held until components/release-early.tsx runs.
 */
const loader = `(function(all){
function load(){all.splice(0).forEach(function(src){var s=document.createElement("script");s.async=true;s.src=src;document.head.append(s)})}
try{new PerformanceObserver(load).observe({type:"paint",buffered:true})}catch(e){load()}
setTimeout(load,1000)
var held=[]
function hold(e){
var click=e.type=="click",at=e.target,key=(e.key||"").toLowerCase()
if(click)at=at.closest&&at.closest("button[type=button]")
else if(!(e.ctrlKey||e.metaKey)||key!="k"&&key!="enter")at=null
if(!at)return
e.preventDefault()
e.stopImmediatePropagation()
held.push(function(){click?at.click():at.dispatchEvent(new KeyboardEvent("keydown",e))})
}
addEventListener("click",hold,true)
addEventListener("keydown",hold,true)
releaseEarly=function(){
removeEventListener("click",hold,true)
removeEventListener("keydown",hold,true)
held.splice(0).forEach(function(again){again()})
}
})`

/**
 * The HTML of a page whose external scripts are requested after its first paint. Until then, styles and fonts have the
 * connection to themselves, and the first paint has the processor. Without scripts the page is as before.
 * @param html as rendered by Next, complete
 * @param nonce of the policy of the response
 */
export function withLateScripts(html: string, nonce: string): string {
  if (!html.endsWith(end)) return html
  const addresses = new Set<string>()
  const without = html
    .replace(script, (tag, address: string) => {
      if (!tag.includes(' async=""')) return tag
      addresses.add(address)
      return ""
    })
    .replace(preload, "")
  if (addresses.size === 0) return html
  const call = `${loader}(${JSON.stringify([...addresses])})`
  return `${without.slice(0, -end.length)}<script nonce="${nonce}">${call}</script>${end}`
}
