/** A script from a file. Next writes `src` first; only those with `async` may run at any time, and so later. */
const script = /<script src="(\/_next\/static\/[^"]+)"(?: nonce="[^"]*"| async="")+><\/script>/g
/** A hint to request such a script early, which would take the connection from what is painted first. */
const preload = /<link rel="preload" as="script"[^>]* href="\/_next\/static\/[^"]+"\/>/g
/** A script for old browsers, which cannot run the other scripts either. */
const outdated = /<script src="\/_next\/static\/[^"]+" noModule=""[^>]*><\/script>/g
const end = "</body></html>"

/**
 * Runs in the page, with the addresses of its scripts. A page in the background is not painted: after a second, it gets
 * its scripts without. "async" is an attribute, because React looks for it before it adds a script of its own. Presses
 * of buttons that need scripts, and shortcuts, are held until components/release-early.tsx runs, and so is what is typed
 * where the command palette was opened, which belongs to the palette. Not Ctrl+Enter on a link, which opens it in a new
 * tab. Short, because it is part of every page.
 */
const loader = `(all=>{
let load=()=>all.splice(0).forEach(src=>document.head.append(Object.assign(document.createElement("script"),{async:true,src}))),
held=[],
opener,
hold=e=>{
let{key,target}=e,
at=key?(e.ctrlKey||e.metaKey?(target.href?/^k$/i:/^(Enter|k)$/i).test(key):target==opener&&/^(Enter|Backspace|.)$/.test(key))&&target:target.closest("button[type=button]");
if(held&&at){
e.preventDefault();
e.stopImmediatePropagation();
held.push([at,e]);
if(key!="Enter")opener=at
}
};
new PerformanceObserver(load).observe({type:"paint",buffered:true});
setTimeout(load,1000);
addEventListener("click",hold,true);
addEventListener("keydown",hold,true);
releaseEarly=()=>{
let early=held;
held=0;
early.forEach(([at,e])=>at.dispatchEvent(new e.constructor(e.type,e)))
}
})`.replaceAll("\n", "")

/**
 * The HTML of a page whose external scripts are requested after its first paint. Until then, styles and fonts have the
 * connection to themselves, and the first paint has the processor. Without scripts the page is as before.
 * @param html as rendered by Next, complete; as text, or as UTF-8 read as Latin-1
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
    .replace(outdated, "")
  if (addresses.size === 0) return html
  const call = `${loader}(${JSON.stringify([...addresses])})`
  return `${without.slice(0, -end.length)}<script nonce="${nonce}">${call}</script>${end}`
}
