import type { Channel } from './channel.ts'

export const privacyKinds = ['EXPORT', 'ERASURE'] as const
export type PrivacyKind = (typeof privacyKinds)[number]

export const privacyStates = ['REQUESTED', 'RUNNING', 'DONE', 'REFUSED'] as const

/** What a person asked for, and what came of it. Ids are decimal strings, times ISO 8601 UTC. */
export interface PrivacyRequest {
  readonly requestId: string
  readonly kind: PrivacyKind
  readonly personId: string
  readonly state: (typeof privacyStates)[number]
  /** Of REFUSED: `legal-hold`, `erased`. */
  readonly reason: string | undefined
  readonly receipt: {
    /** Rows touched or handed out, by what they are. */
    readonly counts?: Readonly<Record<string, number>>
    /** Of an erasure: the day on which the last backup that holds the person is gone. */
    readonly backupsExpireOn?: string
    /** Of an erasure: the day by which what nobody can assign to a person has gone by its age. */
    readonly unassignedExpireOn?: string
  }
  /** Folder of an export while it can be fetched. */
  readonly objectKey: string | undefined
  readonly requestedAt: string
  readonly doneAt: string | undefined
  /** Of an export: until when it can be fetched. */
  readonly expiresAt: string | undefined
}

export const consentActions = ['GIVEN', 'REVOKED'] as const
export type ConsentAction = (typeof consentActions)[number]

/** A person's word for or against being written to. */
export interface Consent {
  readonly consentId: string
  /** Of a word that came on one contact; else it is about the channel. */
  readonly contactId: string | null
  readonly channel: Channel
  readonly purpose: string
  readonly action: ConsentAction
  readonly textVersion: string | null
  readonly source: string
  readonly occurredAt: string
  readonly createdAt: string
}

export interface LegalHold {
  readonly personId: string
  readonly heldAt: string | null
  readonly reason: string | null
}

/** The objects of an export, in its folder. */
export const exportFiles = { json: 'person.json', csv: 'messages.csv' } as const
