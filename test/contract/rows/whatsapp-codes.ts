/** Meta's error codes by what they ask of a sender (facts: errors). */
const span = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, offset) => first + offset)

/** Certainly not sent: later again. The first two are given up after three attempts. */
const passing = [1, 131000, 2, 131016, 131057, 133004, 134101, 139102, 139103, 2494100]
export const givenUpAfterThree = passing.slice(0, 2)

/** 131056 asks to wait for one recipient only. */
const limited = [4, 80007, 130429, 131056, 132069]
export const pairCode = 131056

/** Nothing goes from this number until somebody acts. */
const stopping = [
  ...[0, 3, 10, 33, 190, ...span(200, 299), 368],
  ...[131005, 131031, 131037, 131042, 131044, 131045, 131048, 131064],
  ...[133005, 133006, 133008, 133009, 133010, 133015],
]

/** This message will never go: for its recipient or content, or for a mistake of ours. */
const final = [
  ...[130403, 130472, 130497, 131021, 131026, 131043, 131047, 131049, 131050, 131051, 131052],
  ...[131053, 131060, 131062, 132007, 132015, 132016, 132068, 137000],
  ...[100, 613, 2500, 131008, 131009, 131020, 131030, 131041, 131055, 131059, 131063],
  ...span(131201, 131215),
  ...[132000, 132001, 132005, 132008, 132012, 132018, 133000, 133016],
  ...[134011, 134100, 134102, 135000, ...span(138000, 138018), ...span(139000, 139004)],
  ...[139100, 139101, ...span(147001, 147005), ...span(200005, 200007), 1752041],
  ...[...span(2388000, 2388999), 2593079, 2593085, 2593107, 2593108],
]

export const codeClasses = { passing, limited, stopping, final } as const
export type CodeClass = keyof typeof codeClasses
