import type { ExportPart } from '../../ports/exports.ts'

/** How the rows of one part are found by the person's ids (`same.ids`), page by page. */
export interface ExportQuery {
  /** JSON of a row. */
  readonly told: string
  /** Joins, and a `where` that a further condition may follow. */
  readonly from: string
  /** Unique within the part; the order of the rows. */
  readonly key: string
  readonly keyType: 'bigint' | 'text' | 'uuid'
  /** Sealed keys of `told`: base64 without line ends. */
  readonly cells?: readonly {
    readonly name: string
    readonly table: string
    readonly column: string
    /** Key of `told` that holds the row's token, when it is not `rowToken`. */
    readonly token?: string
  }[]
}

const chatsOf = `join chats c on c.tenant_id = :tenant::bigint and c.person_id = any (same.ids)`
const contactsOf = `join contacts o on o.tenant_id = :tenant::bigint and o.person_id = any (same.ids)`

export const exportQueries: Readonly<Record<ExportPart, ExportQuery>> = {
  persons: {
    told: `jsonb_build_object('personId', p.person_id::text, 'name', encode(p.name, 'base64'),
      'externalId', encode(p.external_id, 'base64'), 'rowToken', p.row_token,
      'externalIdToken', translate(encode(p.external_id_hash, 'base64'), E'\\n', ''),
      'timeZone', p.time_zone, 'state', p.state,
      'mergedIntoPersonId', p.merged_into_person_id::text, 'createdAt', iso_utc(p.created_at))`,
    from: `join persons p on p.tenant_id = :tenant::bigint and p.person_id = any (same.ids)
      where true`,
    key: 'p.person_id',
    keyType: 'bigint',
    cells: [
      { name: 'name', table: 'persons', column: 'name' },
      { name: 'externalId', table: 'persons', column: 'external_id', token: 'externalIdToken' },
    ],
  },
  contacts: {
    told: `jsonb_build_object('contactId', o.contact_id::text, 'channel', i.channel, 'kind', i.kind,
      'address', encode(i.value, 'base64'), 'rowToken', i.row_token,
      'retiredAt', iso_utc(o.retired_at), 'supersededAt', iso_utc(i.superseded_at),
      'createdAt', iso_utc(i.created_at))`,
    from: `${contactsOf}
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      where true`,
    key: 'i.row_token',
    keyType: 'uuid',
    cells: [{ name: 'address', table: 'contact_identities', column: 'value' }],
  },
  optOuts: {
    told: `jsonb_build_object('contactId', u.contact_id::text, 'channel', u.channel,
      'category', u.category, 'source', u.source, 'optedOutAt', iso_utc(u.opted_out_at),
      'restoredAt', iso_utc(u.restored_at))`,
    from: `${contactsOf}
      join opt_outs u on u.tenant_id = o.tenant_id and u.contact_id = o.contact_id
      where u.opted_out_at > '-infinity'`,
    key: "concat_ws(':', u.contact_id, u.channel, u.category)",
    keyType: 'text',
  },
  consents: {
    told: 'shown_consent_v1(s)',
    from: `join consents s on s.tenant_id = :tenant::bigint and s.person_id = any (same.ids)
      where true`,
    key: 's.consent_id',
    keyType: 'bigint',
  },
  suppressions: {
    told: `jsonb_build_object('suppressionId', s.suppression_id::text, 'channel', s.channel,
      'address', encode(s.value, 'base64'), 'rowToken', s.row_token, 'reason', s.reason,
      'source', s.source, 'createdAt', iso_utc(s.created_at), 'expiresAt', iso_utc(s.expires_at),
      'removedAt', iso_utc(s.removed_at))`,
    from: `${contactsOf}
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      join suppressions s on s.tenant_id = i.tenant_id and s.channel = i.channel
        and s.value_hash = i.value_hash
      where true`,
    key: 's.suppression_id',
    keyType: 'bigint',
    cells: [{ name: 'address', table: 'suppressions', column: 'value' }],
  },
  chats: {
    told: `jsonb_build_object('chatId', c.chat_id::text, 'status', c.status,
      'channels', to_jsonb(c.channels), 'mergedIntoChatId', c.merged_into_chat_id::text,
      'lastActivityAt', iso_utc(c.last_activity_at), 'createdAt', iso_utc(c.created_at))`,
    from: `${chatsOf} where true`,
    key: 'c.chat_id',
    keyType: 'bigint',
  },
  statuses: {
    told: `jsonb_build_object('messageId', s.message_id::text, 'channel', s.channel,
      'status', s.status, 'reason', s.reason, 'reasonCode', s.reason_code,
      'occurredAt', iso_utc(s.occurred_at))`,
    from: `${chatsOf}
      join chat_messages m on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
      join message_status s on s.tenant_id = m.tenant_id and s.message_id = m.message_id
      where true`,
    key: 's.status_id',
    keyType: 'bigint',
  },
  files: {
    told: `jsonb_build_object('mediaId', f.media_id, 'messageId', f.message_id::text,
      'kind', f.kind, 'state', f.state, 'mimeType', f.mime_type, 'sizeBytes', f.size_bytes,
      'filename', encode(f.filename, 'base64'), 'rowToken', f.row_token,
      'createdAt', iso_utc(f.created_at))`,
    from: `${chatsOf}
      join chat_messages m on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
      join media f on f.tenant_id = m.tenant_id and f.message_id = m.message_id
      where true`,
    key: 'f.media_id',
    keyType: 'uuid',
    cells: [{ name: 'filename', table: 'media', column: 'filename' }],
  },
  movements: {
    told: `jsonb_build_object('movementId', v.movement_id, 'status', v.status,
      'amountCents', v.amount_cents::text, 'currency', v.currency,
      'details', encode(v.details, 'base64'), 'rowToken', v.row_token,
      'occurredAt', iso_utc(v.occurred_at))`,
    from: `join movements v on v.tenant_id = :tenant::bigint and v.person_id = any (same.ids)
      where true`,
    key: 'v.movement_id',
    keyType: 'text',
    cells: [{ name: 'details', table: 'movements', column: 'details' }],
  },
  installments: {
    told: `jsonb_build_object('installmentId', n.installment_id, 'movementId', n.movement_id,
      'number', n.number, 'total', n.total, 'dueOn', n.due_on,
      'amountCents', n.amount_cents::text, 'balanceCents', n.balance_cents::text,
      'status', n.status, 'paidAt', iso_utc(n.paid_at),
      'details', encode(n.details, 'base64'), 'rowToken', n.row_token)`,
    from: `join movements v on v.tenant_id = :tenant::bigint and v.person_id = any (same.ids)
      join installments n on n.tenant_id = v.tenant_id and n.movement_id = v.movement_id
      where true`,
    key: 'n.installment_id',
    keyType: 'text',
    cells: [{ name: 'details', table: 'installments', column: 'details' }],
  },
  readers: {
    told: `jsonb_build_object('at', iso_utc(e.at), 'actorKind', e.actor_kind, 'actor', e.actor,
      'action', e.action, 'outcome', e.outcome, 'purpose', e.purpose)`,
    from: `join audit_entries e on e.tenant_id = :tenant::bigint and e.person_ids && same.ids
      where true`,
    key: 'e.audit_id',
    keyType: 'bigint',
  },
}
