/** The result of a trial: one line to print, and whether it passed. */
export type Finding = { ok: boolean; figure: string }

/** Thrown by a trial that cannot run on this machine. */
export class CannotTry extends Error {}

/** The size of a run: the short one is part of `npm test`. */
export type Scale = {
  kills: number
  /** Kills while predictions run. As many in `npm run torture` as in the long run. */
  deaths: number
  interruptions: number
  duplicates: number
  lockSeconds: number
  cases: number
  /** Fuzz cases whose cost is measured. */
  costs: number
  everyCharacter: boolean
  /** Rounds of each verb against each loss of its right. */
  races: number
  seed: number
}

export const short = {
  kills: 10,
  deaths: 5,
  interruptions: 5,
  duplicates: 50,
  lockSeconds: 10,
  cases: 200,
  costs: 200,
  everyCharacter: false,
  races: 3,
}
export const long = {
  kills: 100,
  deaths: 20,
  interruptions: 40,
  duplicates: 1000,
  lockSeconds: 10,
  cases: 2000,
  costs: 10_000,
  everyCharacter: true,
  races: 200,
}

export type Trial = {
  name: string
  /** Nothing else may run meanwhile, because it measures time by the clock. */
  alone?: boolean
  run(scale: Scale): Promise<Finding>
}

/** What is known of a trial once it is over. */
export type Outcome = { result: "passed" | "failed" | "skipped"; figure: string }

/** A result that lists all problems; it passes if there are none. */
export const found = (figure: string, wrong: Record<string, boolean>): Finding => {
  const complaints = Object.keys(wrong).filter((complaint) => wrong[complaint])
  return {
    ok: complaints.length === 0,
    figure: complaints.length === 0 ? figure : `${figure} – ${complaints.join("; ").toUpperCase()}`,
  }
}
