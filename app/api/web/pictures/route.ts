import { respondWithJson } from "@/lib/next/respond"
import { imagePath } from "@/lib/pictures/address"
import { invalid } from "@/lib/problem"

/** Returns the path under which this server shows a remote image, for previews of inputs. */
export async function GET(request: Request): Promise<Response> {
  const url = new URL(request.url).searchParams.get("url") ?? ""
  return respondWithJson(async () => {
    if (!/^https:\/\//i.test(url) || url.length > 2000 || !URL.canParse(url))
      throw invalid({ url: "Enter the URL of a picture that begins with https://." })
    return { path: imagePath(url) }
  })
}
