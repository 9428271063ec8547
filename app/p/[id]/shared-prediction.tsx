import { InputView } from "@/components/run/input-view"
import { LeftOut, OutputLeftOut } from "@/components/run/left-out"
import { OutputView } from "@/components/run/output"
import { DownloadAll } from "@/components/run/download-all"
import { filesIn } from "@/components/run/media"
import { StatusBadge } from "@/components/run/status-badge"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import type { PredictionBody } from "@/lib/models/prediction-body"
import type { Large } from "@/lib/predictions/fitting"
import type { Output } from "@/lib/versions/read-form"

type Props = {
  prediction: PredictionBody
  output: Pick<Output, "arrives">
  hidesInput: boolean
  expires_at: string | null
  large: Large
}

/** A prediction as it is shown to anyone with a share link. */
export function SharedPrediction({ prediction, output, hidesInput, expires_at, large }: Props) {
  const { model, version, status, error } = prediction
  const files = filesIn(prediction.output)
  return (
    <>
      <PageHeader
        title="Shared prediction"
        lead={
          <>
            {model ? <span className="font-mono">{model}</span> : <span>A private model</span>}
            <span>{`, version ${version.slice(0, 12)}, `}</span>
            <Time iso={prediction.created_at} />
            {expires_at && <span>{`. This link ends on ${expires_at.slice(0, 10)}.`}</span>}
          </>
        }
        className="mb-8"
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
        {!hidesInput && (
          <section aria-labelledby="input" className="min-w-0">
            <h2 id="input" className="mb-4">
              Input
            </h2>
            {large.input ? (
              <LeftOut>The input is too large to show here.</LeftOut>
            ) : (
              <InputView input={prediction.input} />
            )}
          </section>
        )}
        <section aria-labelledby="output" className="grid min-w-0 content-start gap-4">
          <h2 id="output">Output</h2>
          <p>
            <StatusBadge status={status} />
          </p>
          {error && <p className="wrap-anywhere whitespace-pre-wrap text-danger">{error}</p>}
          {prediction.output !== null && prediction.output !== undefined && (
            <OutputView value={prediction.output} shape={output} growing={false} />
          )}
          {large.output && <OutputLeftOut shown={prediction.output} />}
          {!large.output && files.length > 1 && <DownloadAll files={files} />}
        </section>
      </div>
    </>
  )
}
