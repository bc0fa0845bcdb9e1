/** How much of everything one run does. Times are in real seconds; the product runs at 1/20. */
export interface Campaign {
  readonly seed: number
  /** Posts that clients make. */
  readonly outbound: number
  /** Messages that people write. */
  readonly inbound: number
  readonly chats: number
  /** Compute processes side by side. */
  readonly processes: number
  /** SIGKILLs of compute processes. */
  readonly kills: number
  /** SIGSTOPs longer than a lease, each followed by SIGCONT. */
  readonly pauses: number
  readonly databaseRestarts: number
  /** Bodies that no code can read, for each queue. */
  readonly poison: Readonly<Record<string, number>>
  readonly forgedWebhooks: number
  /** Traffic and faults are spread over this time. */
  readonly spanSeconds: number
  readonly outageSeconds: number
  /** Time to drain after the last fault. */
  readonly quietSeconds: number
}

/** Every wait of the product is multiplied by it: leases of 2.25 s, a relay each 3 s. */
export const timeScale = 0.05

const whole: Omit<Campaign, 'seed'> = {
  outbound: 5000,
  inbound: 2500,
  chats: 320,
  processes: 3,
  kills: 310,
  pauses: 12,
  databaseRestarts: 6,
  poison: { MESSAGE_SEND: 10, MESSAGE_STATUS_CHECK: 8, WEBHOOK_EVENT: 8 },
  forgedWebhooks: 60,
  spanSeconds: 560,
  outageSeconds: 25,
  quietSeconds: 300,
}

/** For every day. A body on WEBHOOK_EVENT needs 10 receives, 18 s apart: longer than this runs. */
const cut: Omit<Campaign, 'seed'> = {
  ...whole,
  outbound: 500,
  inbound: 250,
  chats: 48,
  kills: 30,
  pauses: 2,
  databaseRestarts: 1,
  poison: { MESSAGE_SEND: 10, MESSAGE_STATUS_CHECK: 10 },
  forgedWebhooks: 10,
  spanSeconds: 60,
  outageSeconds: 5,
}

/** The campaign that a seed stands for. */
export function campaignOf(seed: number, isCut: boolean): Campaign {
  return { seed, ...(isCut ? cut : whole) }
}
