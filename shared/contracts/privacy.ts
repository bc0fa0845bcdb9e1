import * as z from 'zod'
import {
  type Consent,
  consentActions,
  type LegalHold,
  type PrivacyRequest,
  privacyKinds,
  privacyStates,
} from '../domain/privacy.ts'
import { channel } from './contacts.ts'
import { idPattern, pageQuery, shownId, shownTime } from './paging.ts'
import { instant } from './post-message.ts'

/** Letters, digits and signs of a code: no free text, which would hold names. */
const code = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, { error: 'must be a code of letters, digits and ._/-' })

/** `GET /privacy-requests`. */
export const privacyRequestsQuery = pageQuery.extend({
  personId: z.string().regex(idPattern).optional(),
})

/** `PUT /persons/{personId}/legal-hold`. */
export const legalHoldBody = z.strictObject({
  reason: code(60).meta({ description: 'Such as the number of a lawsuit; never a name.' }),
})

/** `POST /persons/{personId}/consents`. */
export const addConsentBody = z.strictObject({
  channel,
  purpose: z
    .string()
    .max(40)
    .regex(/^[a-z][a-z0-9-]*$/, { error: 'must be a code of small letters, digits and -' })
    .meta({
      description: '`all` and `marketing` change what may be sent; others are kept as proof.',
    }),
  action: z.enum(consentActions),
  textVersion: code(60).optional().meta({ description: 'Which text the person agreed to.' }),
  source: code(32).meta({ description: 'Where it was said, such as `site` or `call-centre`.' }),
  occurredAt: instant.optional().meta({ description: 'Default: now.' }),
})

const download = z.object({ url: z.url(), expiresAt: shownTime })

/** A request of a person as the API shows it. */
export const shownPrivacyRequest = z
  .object({
    requestId: shownId,
    kind: z.enum(privacyKinds),
    personId: shownId,
    state: z.enum(privacyStates),
    reason: z.string().nullable(),
    receipt: z.object({
      counts: z
        .record(z.string(), z.int())
        .optional()
        .meta({ description: 'Rows handed out or touched, by what they are.' }),
      backupsExpireOn: z.iso.date().optional().meta({
        description: 'Of an erasure: when the last backup that holds the person is gone.',
      }),
      unassignedExpireOn: z.iso
        .date()
        .optional()
        .meta({
          description:
            'Of an erasure: when all has gone by its age that nobody can assign to a person, such as ' +
            'what came to unknown senders, and messages on queues.',
        }),
    }),
    requestedAt: shownTime,
    doneAt: shownTime.nullable(),
    expiresAt: shownTime.nullable().meta({ description: 'Until when an export can be fetched.' }),
    downloads: z
      .object({ json: download, csv: download })
      .optional()
      .meta({ description: 'Of an export that is done, read alone: for 15 minutes.' }),
  })
  .meta({ id: 'PrivacyRequest' })

interface Signed {
  readonly url: string
  readonly expiresAt: string
}

export function privacyRequestResource(
  asked: PrivacyRequest,
  downloads?: { readonly json: Signed; readonly csv: Signed },
): z.input<typeof shownPrivacyRequest> {
  return {
    requestId: asked.requestId,
    kind: asked.kind,
    personId: asked.personId,
    state: asked.state,
    reason: asked.reason ?? null,
    receipt: asked.receipt,
    requestedAt: asked.requestedAt,
    doneAt: asked.doneAt ?? null,
    expiresAt: asked.expiresAt ?? null,
    ...(downloads && { downloads: { json: shown(downloads.json), csv: shown(downloads.csv) } }),
  }
}

/** What is planned, and where to read what became of it. */
export function plannedAnswer(asked: PrivacyRequest) {
  return {
    status: 202,
    headers: { location: `/privacy-requests/${asked.requestId}` },
    body: privacyRequestResource(asked),
  } as const
}

/** Without the headers of a signed request: a GET needs none. */
function shown({ url, expiresAt }: Signed): Signed {
  return { url, expiresAt }
}

export const shownConsent = z
  .object({
    consentId: shownId,
    contactId: shownId.nullable(),
    channel,
    purpose: z.string(),
    action: z.enum(consentActions),
    textVersion: z.string().nullable(),
    source: z.string(),
    occurredAt: shownTime,
    createdAt: shownTime,
  })
  .meta({ id: 'Consent' })

export function consentResource(consent: Consent): z.input<typeof shownConsent> {
  return consent
}

export const shownLegalHold = z
  .object({ personId: shownId, heldAt: shownTime.nullable(), reason: z.string().nullable() })
  .meta({ id: 'LegalHold' })

export function legalHoldResource(held: LegalHold): z.input<typeof shownLegalHold> {
  return held
}
