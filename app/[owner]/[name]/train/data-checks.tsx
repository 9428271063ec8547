import { Notice } from "@/components/ui/notice"
import type { DataCheck } from "@/lib/trainings/data"

/** The results of checking the training data, before a training costs anything. */
export const DataChecks = ({ checks }: { checks: DataCheck[] }) => (
  <div role="status">
    <Notice
      kind={checks.some(({ problem }) => problem !== null) ? "danger" : "info"}
      title={checks.length === 0 ? "No files to check" : "Data check"}
    >
      <dl className="grid gap-3">
        {checks.map(({ field, facts, problem }) => (
          <div key={field}>
            <dt className="font-mono text-sm">{field}</dt>
            {problem && <dd className="font-medium text-danger">{problem}</dd>}
            {facts.map((fact) => (
              <dd key={fact} className="wrap-anywhere">
                {fact}
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </Notice>
  </div>
)
