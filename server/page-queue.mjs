// Answers requests for pages in their order, a few at a time, and leaves most of the event loop to the API while that
// needs it. A page that is within its share is not kept waiting by the API. See docs/decisions.md.
import { AsyncResource } from "node:async_hooks"

/** While one page waits for the database, another can be rendered. */
const atOnce = 2
/** After this many milliseconds, an unfinished page counts as one that waits: for its reader, or for something slow. */
const longestTurn = 250
/** Milliseconds after which a waiting request is refused, and the number that may wait. */
const longestWait = 10_000
const mostWaiting = 500

/** @param {ReturnType<typeof fairShare>} [share] */
export function pageQueue(share = fairShare()) {
  /** @typedef {{ since: number, begin: () => void, refuse: () => void }} Place */
  /** In the order of arrival. @type {Set<Place>} */
  const waiting = new Set()
  let open = 0
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  /** Other requests that wait for a page. @type {(() => void)[]} */
  let others = []

  const isHeld = () => !share.allows(open > 0)

  function next() {
    clearTimeout(timer)
    let held = false
    for (const place of waiting) {
      const late = performance.now() - place.since > longestWait
      if (!late && (open >= atOnce || (held = isHeld()))) break
      waiting.delete(place)
      if (late) place.refuse()
      else place.begin()
    }
    if (waiting.size > 0) timer = setTimeout(next, held ? 1 : 100)
  }

  /** @param {import("node:http").ServerResponse} response @param {() => void} answer */
  function begin(response, answer) {
    share.settle(open > 0)
    open++
    const end = () => {
      clearTimeout(longest)
      response.off("finish", end)
      response.off("close", end)
      share.settle(true)
      open--
      next()
    }
    const longest = setTimeout(end, longestTurn)
    response.on("finish", end)
    response.on("close", end)
    answer()
  }

  /** The next of the other requests, or all of them once no page has a claim to the loop. */
  function answerOthers() {
    share.settle(open > 0)
    if (open > 0 && share.hasCredit()) {
      const answer = others.shift()
      // First, so that an answer that throws does not keep the rest waiting.
      if (others.length > 0) setImmediate(answerOthers)
      share.other()
      return answer?.()
    }
    const all = others
    others = []
    for (const answer of all) {
      share.other()
      answer()
    }
  }

  return {
    /**
     * Calls `answer` for a request that is not for a page: at once, or, during a page that is within its share, one per
     * turn of the event loop. A page takes several turns, and a turn otherwise answers all requests that have arrived.
     * @param {() => void} answer
     */
    other(answer) {
      if (others.length === 0 && !(open > 0 && share.hasCredit())) {
        share.other()
        return answer()
      }
      if (others.push(answer) === 1) setImmediate(answerOthers)
    },
    /**
     * Calls `answer` once it is this request's turn, or `refuse` if that takes too long; neither if the client leaves
     * before.
     * @param {import("node:http").ServerResponse} response
     * @param {() => void} answer
     * @param {() => void} refuse
     * @param {number} [spent] milliseconds that this request has taken so far
     */
    enter(response, answer, refuse, spent = 0) {
      share.charge(spent)
      if (waiting.size === 0 && open < atOnce && !isHeld()) return begin(response, answer)
      if (waiting.size >= mostWaiting) return refuse()
      const leave = () => void waiting.delete(place)
      // Both run in the asynchronous context of their own request.
      const place = {
        since: performance.now(),
        begin: AsyncResource.bind(() => {
          response.off("close", leave)
          begin(response, answer)
        }),
        refuse: AsyncResource.bind(() => {
          response.off("close", leave)
          refuse()
        }),
      }
      response.once("close", leave)
      waiting.add(place)
      next()
    },
  }
}

/** The part of the event loop's time that pages get while other requests need all of it. */
const partOfPages = 0.17
/** Milliseconds that pages may be ahead of their part, and behind it. */
const [mostAhead, mostBehind] = [20, 50]
/** Milliseconds without other requests after which pages need not wait for them. */
const longEnough = 20
/** Milliseconds to receive a request for a page: more is waiting, for the database. */
const longestArrival = 0.5

/**
 * Decides when the next page may begin. Time without a page belongs to the other requests; during a page, each of them
 * counts with what it took on average in such times.
 * @param {() => { active: number, idle: number }} [loopTimes] of the event loop, in milliseconds
 */
export function fairShare(loopTimes = () => performance.eventLoopUtilization()) {
  let requests = 0
  let last = { ...loopTimes(), requests }
  /** Milliseconds that pages may take. */
  let credit = 0
  let perRequest = 0.1
  /** Milliseconds for receiving requests for pages that are not yet taken from their part. */
  let arrivals = 0
  /** Milliseconds since the last other request. */
  let quiet = Infinity
  /** Since the last page ended. */
  let pause = { active: 0, idle: 0 }

  /** Accounts for the time since the last call. @param {boolean} withPage whether a page was in progress */
  function settle(withPage) {
    const now = { ...loopTimes(), requests }
    const [active, idle] = [now.active - last.active, now.idle - last.idle]
    const answered = now.requests - last.requests
    last = now
    quiet = answered > 0 ? 0 : quiet + active + idle
    let others = active
    if (withPage) {
      others = Math.min(active, answered * perRequest)
      credit -= active - others
      pause = { active: 0, idle: 0 }
    } else {
      pause.active += active
      pause.idle += idle
      if (answered >= 5) perRequest += (active / answered - perRequest) / 8
    }
    // However many pages are requested, half of their part is for answering them.
    const part = (others * partOfPages) / (1 - partOfPages)
    const charged = Math.min(arrivals, part / 2)
    arrivals = Math.min(mostAhead, arrivals - charged)
    credit += part - charged
    credit = Math.min(mostAhead, Math.max(quiet > longEnough ? 0 : -mostBehind, credit))
  }

  return {
    /** Counts another request. */
    other() {
      requests++
    },
    /** Counts milliseconds that a page took before it began. @param {number} spent */
    charge(spent) {
      arrivals += Math.min(spent, longestArrival)
    },
    settle,
    /** Whether pages have had less than their part, as of the last call of `settle`. */
    hasCredit: () => credit > 0,
    /** @param {boolean} withPage */
    allows(withPage) {
      settle(withPage)
      if (quiet > longEnough) return true
      if (withPage) return false
      // An idle loop has answered everything that had arrived.
      return credit >= 0 || (pause.idle >= 1 && pause.idle * 4 >= pause.active + pause.idle)
    },
  }
}
