import { Notice } from "@/components/ui/notice"

/**
 * Said of a version whose schema has inputs for training and none for running, as Cog writes it where cog.yaml has only
 * `train:`.
 */
export const TrainsOnly = () => (
  <Notice title="This version can be trained, but not run" className="mb-8">
    Its schema lists training inputs only. A training creates a version of another model, which you can run.
  </Notice>
)
