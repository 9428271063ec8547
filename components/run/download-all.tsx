"use client"

import { Button } from "@/components/ui/button"
import { fileName } from "./media"
import { useScripts } from "./use-scripts"

/** Saves all files, one after the other; browsers ask once whether a page may. */
export function DownloadAll({ files }: { files: string[] }) {
  const scripts = useScripts()
  async function save() {
    for (const file of files) {
      const link = document.createElement("a")
      link.href = file
      link.download = fileName(file)
      link.click()
      // Browsers drop a download that begins while another does.
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
