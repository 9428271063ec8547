import { Notice } from "@/components/ui/notice"

/** A notice for versions that can only be trained: their cog.yaml has `train:` but no `predict:`. */
export const TrainsOnly = () => (
  <Notice title="This version can be trained, but not run" className="mb-8">
    Its schema lists training inputs only. A training creates a version of another model, which you can run.
  </Notice>
)
