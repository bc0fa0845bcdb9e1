/** The installment that the messages of the long chat are about. */
export const longInstallmentId = 'parcela'

/**
 * What is listed beside chats and messages, as many of each as there are chats. Requests, consents and
 * every second entry of the audit are one person's, whose id is that of the long chat.
 */
export function besideSql(
  tenant: string,
  { chats, firstId }: { readonly chats: number; readonly firstId: number },
): readonly string[] {
  const person = firstId
  const numbers = `generate_series(0, ${chats}) n`
  const id = `${firstId} + n`
  return [
    `insert into audit_entries (tenant_id, audit_id, at, actor_kind, actor, action, outcome, purpose,
       objects, person_ids) overriding system value
     select ${tenant}, ${firstId} + n, now() - n * interval '10 milliseconds', 'client', '1',
       'getChat', 'done', 'support', '{}',
       array[case when n % 2 = 0 then ${person} else ${id} end]
     from generate_series(0, ${2 * chats + 1}) n`,
    // As if all of them were chained.
    `insert into audit_links (tenant_id, position, xid, audit_id, hash)
     select ${tenant}, 1, max(xid), max(audit_id), sha256('') from audit_entries
     where tenant_id = ${tenant}`,
    `insert into audit_persons (tenant_id, person_id, at, audit_id, xid)
     select tenant_id, person_ids[1], at, audit_id, xid from audit_entries
     where tenant_id = ${tenant}`,
    `insert into templates (tenant_id, name, channel, language, version, source)
     select ${tenant}, 'aviso_' || lpad(n::text, 9, '0'), 'EMAIL', 'pt_BR', v, '{}'
     from ${numbers} cross join generate_series(1, 2) v`,
    `insert into privacy_requests (tenant_id, request_id, kind, person_id, state, done_at)
       overriding system value
     select ${tenant}, ${id}, 'EXPORT', ${person}, 'DONE', now() from ${numbers}`,
    `insert into consents (tenant_id, consent_id, person_id, channel, purpose, action, source,
       occurred_at) overriding system value
     select ${tenant}, ${id}, ${person}, 'WHATSAPP', 'marketing', 'GIVEN', 'site', now()
     from ${numbers}`,
    `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
       currency, row_token, occurred_at)
     values (${tenant}, 'venda', 1, ${person}, 'OPEN', 12990, 'BRL', gen_random_uuid(), now())`,
    `insert into installments (tenant_id, installment_id, movement_id, version, number, total, due_on,
       amount_cents, balance_cents, status, row_token, occurred_at)
     select ${tenant}, case n when 0 then '${longInstallmentId}'
         else 'parcela-' || lpad(n::text, 9, '0') end, 'venda', 1, n + 1, ${chats} + 1, current_date,
       12990, 12990, case when n % 10 = 9 then 'PAID' else 'OPEN' end, gen_random_uuid(), now()
     from ${numbers}`,
  ]
}
