/** What a trial found: one figure to print, and whether it is what we promise. */
export type Finding = { ok: boolean; figure: string }

/** Thrown by a trial that cannot be made on this machine. */
export class CannotTry extends Error {}

/** How much of it: the short form is part of `npm test`. */
export type Scale = {
  kills: number
  /** Rounds of killing while predictions run. */
  deaths: number
  interruptions: number
  duplicates: number
  lockSeconds: number
  cases: number
  /** Cases of the fuzz that measures what one costs. */
  costs: number
  everyCharacter: boolean
  /** Rounds of each verb against each loss of the right to do it. */
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

export type Trial = { name: string; run(scale: Scale): Promise<Finding> }

/** A finding with everything that is wrong named; nothing wrong is what we want. */
export const found = (figure: string, wrong: Record<string, boolean>): Finding => {
  const complaints = Object.keys(wrong).filter((complaint) => wrong[complaint])
  return {
    ok: complaints.length === 0,
    figure: complaints.length === 0 ? figure : `${figure} – ${complaints.join("; ").toUpperCase()}`,
  }
}
