import { TOTP } from "otpauth"

/** The app on somebody's phone. No code is given twice, as the server takes none twice: it comes from the next step, for which it may have to wait. */
export class Authenticator {
  private last = 0

  constructor(private readonly secret: string) {}

  async code(): Promise<string> {
    const step = () => Math.floor(Date.now() / 30_000)
    // What the server takes is good for another half a minute at least: it takes the step before and the one after the present one, too.
    const next = Math.max(this.last + 1, step())
    while (step() + 1 < next) await new Promise((resume) => setTimeout(resume, 250))
    this.last = next
    return this.codeOf(next)
  }

  /** Six digits that are none of the codes of about now. */
  wrongCode(): string {
    const step = Math.floor(Date.now() / 30_000)
    const right = new Set([-2, -1, 0, 1, 2].map((n) => this.codeOf(step + n)))
    return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !right.has(code))!
  }

  private codeOf = (step: number) =>
    new TOTP({ secret: this.secret, algorithm: "SHA1", digits: 6, period: 30 }).generate({ timestamp: step * 30_000 })
}
