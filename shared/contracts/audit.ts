import * as z from 'zod'
import { type AuditEntry, actorKinds } from '../domain/audit.ts'
import { idPattern, pageQuery, shownId, shownTime } from './paging.ts'
import { instant } from './post-message.ts'
import { cleanName } from './text.ts'

/** What a request is for, in the client's words. */
export const purpose = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
  .meta({ examples: ['support'] })

/** Of a request that says nothing. */
export const unspecifiedPurpose = 'unspecified'

/** `GET /audit`: an actor wants its kind, for a client's id is a name that an operator may have. */
export const auditQuery = pageQuery
  .extend({
    actorKind: z.enum(actorKinds).optional(),
    actor: cleanName(120).optional().meta({
      description: 'The id of a client or the name of an operator; only with `actorKind`.',
    }),
    personId: z.string().regex(idPattern).optional().meta({
      description: 'Whose data was seen or changed, also before others were merged into them.',
    }),
    from: instant.optional().meta({ description: 'RFC 3339 with a zone.' }),
    to: instant.optional().meta({ description: 'RFC 3339 with a zone; excluded.' }),
  })
  .refine(({ actor, actorKind }) => actor === undefined || actorKind !== undefined, {
    path: ['actorKind'],
    error: 'must say what kind of actor is named with it',
  })

/** An entry of the audit as the API shows it. */
export const shownAuditEntry = z
  .object({
    auditId: shownId,
    at: shownTime,
    actorKind: z.enum(actorKinds),
    actor: z.string(),
    action: z
      .string()
      .meta({ description: 'An operation of this API, or a command of operators.' }),
    outcome: z.string().meta({
      description: '`done`, what a change became, or the code with which it was refused.',
    }),
    purpose,
    requestId: z.string().nullable(),
    objects: z
      .record(z.string(), z.array(z.string()))
      .meta({ description: 'Ids that were shown, changed or asked for, by what they are ids of.' }),
    personIds: z.array(shownId).meta({ description: 'Whose it was at that time.' }),
  })
  .meta({ id: 'AuditEntry' })

export function auditResource(entry: AuditEntry): z.input<typeof shownAuditEntry> {
  return {
    auditId: entry.auditId,
    at: entry.at,
    actorKind: entry.actorKind,
    actor: entry.actor,
    action: entry.action,
    outcome: entry.outcome,
    purpose: entry.purpose,
    requestId: entry.requestId ?? null,
    objects: Object.fromEntries(
      Object.entries(entry.objects).map(([kind, ids]) => [kind, [...ids]]),
    ),
    personIds: [...entry.personIds],
  }
}
