/**
 * Texts that escape from their context on a careless page: markup, attributes, scripts, styles, addresses, JSON,
 * Markdown. None has more than 98 characters.
 */
export const payloads: string[] = [
  `"'></textarea></title></style></script><script>pwned=1</script><img src=x onerror=pwned=1>`,
  `' onmouseover=pwned=1 " autofocus onfocus=pwned=1 style=position:fixed;inset:0 x="--><svg/onload=pwned=1>`.slice(
    0,
    98,
  ),
  "`${pwned=1}`{{constructor.constructor('pwned=1')()}}\\\"});pwned=1;//</script>\u2028pwned=1\u2029<!--",
  `javascript:pwned=1//data:text/html,<iframe srcdoc="<script>parent.pwned=1</script>">`,
  `[x](javascript:pwned=1) ![x](data:text/html,x) <javascript:pwned=1> [y]: javascript:pwned=1`,
  `\u202e\u0000\ufeff<details open ontoggle=pwned=1>&lt;script>%3Cscript%3Epwned=1%3C/script%3E<base href=//evil>`,
]

/** Hostile links; each must be rejected or harmless. */
export const links: string[] = [
  "javascript:pwned=1",
  "JaVaScRiPt:pwned=1",
  " javascript:pwned=1",
  "java\tscript:pwned=1",
  "java\nscript:pwned=1",
  "\u0001javascript:pwned=1",
  "javascript://https://x/%0apwned=1",
  "data:text/html,<script>opener.pwned=1</script>",
  "data:text/html;base64,PHNjcmlwdD5wd25lZD0xPC9zY3JpcHQ+",
  "vbscript:pwned=1",
  "blob:https://x/1",
  "//evil.example",
  "view-source:javascript:pwned=1",
  'https://evil.example/"onmouseover=pwned=1//',
  "https://evil.example/'><script>pwned=1</script>",
  "https://javascript:pwned=1@evil.example/",
  "https://evil.example/#</script><script>pwned=1</script>",
]
