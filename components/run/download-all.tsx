"use client"

import { Button } from "@/components/ui/button"
import { fileName } from "./media"
import { useScripts } from "@/components/use-scripts"

/** Downloads files one by one; browsers ask once for permission. */
export function DownloadAll({ files }: { files: string[] }) {
  const scripts = useScripts()
  async function save() {
    for (const file of files) {
      const link = document.createElement("a")
      link.href = file
      link.download = fileName(file)
      link.click()
      // Browsers ignore downloads that are started at the same time.
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }
  if (!scripts) return null
  return (
    <span>
      <Button size="sm" onClick={() => void save()}>
        {`Download all ${files.length} files`}
      </Button>
    </span>
  )
}
