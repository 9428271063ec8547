import { specsInWords } from "@/components/hardware-specs"
import { HardwareHistory } from "@/components/hardware-history"
import { PageHeader } from "@/components/ui/page-header"
import { revisionOf } from "@/lib/revision"
import { listHardwareChanges } from "@/lib/hardware/catalogue"
import { unavailableReason, listHardware } from "@/lib/hardware/hardware"
import { NothingHere } from "../../nothing-here"
import { loadAdminPage, adminMetadata } from "../admin-page"
import { hardwareValues } from "../values"
import { HardwareForm, NewHardwareForm } from "./hardware-form"

export const generateMetadata = adminMetadata("Hardware", "/admin/hardware")

export default async function HardwarePage() {
  if (!(await loadAdminPage("/admin/hardware"))) return <NothingHere />
  const [rows, changes] = await Promise.all([listHardware(), listHardwareChanges()])

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      <PageHeader
        title="Hardware"
        lead="What models can run on, prices per second, and why a type is not available. Models stay on hardware that becomes unavailable."
      />
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
        {rows.map((row) => (
          <HardwareForm
            key={row.sku}
            sku={row.sku}
            specs={specsInWords(row)}
            closed={unavailableReason(row)}
            values={hardwareValues(row)}
            revision={revisionOf(hardwareValues(row))}
          />
        ))}
      </ul>
      <section aria-labelledby="new">
        <h2 id="new" className="mb-4">
          Add hardware
        </h2>
        <NewHardwareForm />
      </section>
      {changes.length > 0 && (
        <section aria-labelledby="history">
          <h2 id="history" className="mb-4">
            Change history
          </h2>
          <HardwareHistory changes={changes} who />
        </section>
      )}
    </div>
  )
}
