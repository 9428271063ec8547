"use client"

import { useEffect, useRef, useState } from "react"

import { Button } from "@/components/ui/button"

type Props = {
  /** Called with the picture, or null if none was taken. */
  done: (picture: File | null) => void
}

type State = { message: string } | "waiting" | "seeing"

/** A live view of the camera, to take one picture. Asks for permission when it is rendered. */
export default function Camera({ done }: Props) {
  const [state, setState] = useState<State>("waiting")
  const video = useRef<HTMLVideoElement>(null)

  useEffect(() => {
    let left = false
    let stream: MediaStream | undefined
    const stop = () => stream?.getTracks().forEach((track) => track.stop())
    async function open() {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 } }, audio: false })
      if (left || !video.current) return stop()
      video.current.srcObject = stream
      await video.current.play()
      setState("seeing")
    }
    open().catch((error: unknown) => left || setState({ message: complaintOf(error) }))
    return () => {
      left = true
      stop()
    }
  }, [])

  async function take() {
    const { videoWidth, videoHeight } = video.current!
    const canvas = document.createElement("canvas")
    Object.assign(canvas, { width: videoWidth, height: videoHeight })
    canvas.getContext("2d")!.drawImage(video.current!, 0, 0)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92))
    done(blob && new File([blob], "camera.jpg", { type: "image/jpeg" }))
  }

  return (
    <span className="grid justify-items-start gap-2">
      <video
        ref={video}
        muted
        playsInline
        aria-label="Camera preview"
        hidden={typeof state === "object"}
        className="max-h-64 max-w-full rounded-md bg-sunken"
      />
      {typeof state === "object" && <span className="text-sm text-danger">{state.message}</span>}
      <span className="flex flex-wrap gap-2">
        {typeof state !== "object" && (
          <Button size="sm" disabled={state !== "seeing"} onClick={() => void take()}>
            Take the picture
          </Button>
        )}
        <Button size="sm" variant="quiet" onClick={() => done(null)}>
          {typeof state === "object" ? "Close" : "Cancel"}
        </Button>
      </span>
    </span>
  )
}

function complaintOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ""
  if (name === "NotFoundError" || name === "OverconstrainedError") return "No camera was found."
  if (name === "NotReadableError") return "Another program uses the camera."
  // After client-side navigation, the permissions policy of the first page still applies.
  return "The browser does not allow the camera. Allow it for this site, reload the page and try again."
}
