import { TOTP } from "otpauth"

/**
 * An authenticator app. It gives no code twice, because the server accepts each once: the next code is from the next
 * step, which it may have to wait for.
 */
export class Authenticator {
  private last = 0

  constructor(private readonly secret: string) {}

  async code(): Promise<string> {
    const step = () => Math.floor(Date.now() / 30_000)
    // A code is valid for at least another half minute, because the server also accepts the previous and the next step.
    const next = Math.max(this.last + 1, step())
    while (step() + 1 < next) await new Promise((resume) => setTimeout(resume, 250))
    this.last = next
    return this.codeOf(next)
  }

  /** Six digits that are not a currently valid code. */
  wrongCode(): string {
    const step = Math.floor(Date.now() / 30_000)
    const right = new Set([-2, -1, 0, 1, 2].map((n) => this.codeOf(step + n)))
    return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !right.has(code))!
  }

  private codeOf = (step: number) =>
    new TOTP({ secret: this.secret, algorithm: "SHA1", digits: 6, period: 30 }).generate({ timestamp: step * 30_000 })
}
