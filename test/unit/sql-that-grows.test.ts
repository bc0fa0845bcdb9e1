import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rooms = ['shared/adapters/database', 'migrations', 'migrations/functions']

/** SQL and what is written around it, without comments. */
const sources = rooms.flatMap((room) =>
  readdirSync(join(root, room))
    .filter((name) => /\.(?:sql|ts)$/.test(name))
    .map((name) => ({
      file: `${room}/${name}`,
      text: readFileSync(join(root, room, name), 'utf8').replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ''),
    })),
)

/** Counting costs as much as there is to count: who counts says why that has a bound. */
const counters: Readonly<Record<string, string>> = {
  'migrations/functions/apply_mail_notices_v1.sql': 'the notices of this call',
  'migrations/functions/apply_template_sync_v1.sql': "the templates of this chunk of Meta's list",
  'migrations/functions/audited_v1.sql': 'the first 21 sends of one file',
  'migrations/functions/count_event_copies_v1.sql': 'the events of this call',
  'migrations/functions/erase_suppressions_v1.sql': 'the suppressions of one person',
  'migrations/functions/finish_chats_v1.sql': 'the chats of this batch',
  'migrations/functions/book_step_v1.sql': 'the steps that one person was sent on one day',
  'migrations/functions/create_subscription_v1.sql': "a tenant's subscriptions, 20 at most",
  'migrations/functions/dry_run_dunning_v1.sql': 'the steps that one person was sent on one day',
  'migrations/functions/fan_out_events_v1.sql': "a tenant's subscriptions, 20 at most",
  'migrations/functions/judge_bounce_rate_v1.sql': "the tenant's last 1,000 mails",
  'migrations/functions/mark_erased_v1.sql': 'the contacts and chats of one person',
  'migrations/functions/mark_media_v1.sql': 'the files of this batch',
  'migrations/functions/match_reports_v1.sql': 'the reports of one message',
  'migrations/functions/merge_contacts_v1.sql': 'the contacts that are merged',
  'migrations/functions/merge_persons_v1.sql': 'the ACTIVE chats of two persons',
  'migrations/functions/old_cells_v1.sql': 'the rows of one bounded scan',
  'migrations/functions/plan_template_syncs_v1.sql': 'the syncs of one account in an hour',
  'migrations/functions/purge_contents_v1.sql': 'the messages of this batch',
  'migrations/functions/purge_debts_v1.sql': 'a dry run, to 10,000 of each kind',
  'migrations/functions/refresh_message_v1.sql': 'the attempts of one message',
  'migrations/functions/remove_debt_rows_v1.sql': 'the rows of this batch',
  'migrations/functions/remove_rows_v1.sql': 'a dry run, to 10,000',
  'migrations/functions/soft_run_v1.sql': 'the last reports of one address, as many as make a run',
  'migrations/functions/store_parked_v1.sql': 'the items of this call',
  'shared/adapters/database/audit-store.ts': 'what one actor did in a time that an operator names',
  'shared/adapters/database/event-feed.ts': 'the rows of one bounded scan',
}

const patterns = {
  // `offset 0` skips nothing: the planner leaves alone what stands before it.
  skips: /\boffset\s+(?!0\b)(?:[:$(\d]|greatest|least)/i,
  countsBeside: /\bcount\s*\([^)]*\)\s*over\b/i,
  // A function of ours that is called so counts nothing in SQL.
  counts: /\bcount\s*\((?!')/i,
}
const withText = (pattern: RegExp) =>
  sources
    .filter(({ text }) => pattern.test(text))
    .map(({ file }) => file)
    .sort()

describe('SQL whose cost grows with the tenant', () => {
  it('is looked for in all there is', () => {
    expect(sources.length).toBeGreaterThan(90)
  })

  it('skips nothing: pages go on from a cursor', () => {
    expect(withText(patterns.skips)).toEqual([])
  })

  it('counts no list beside its page', () => {
    expect(withText(patterns.countsBeside)).toEqual([])
  })

  it('counts only what has a bound', () => {
    expect(withText(patterns.counts)).toEqual(Object.keys(counters).sort())
  })

  it.each([
    ['skips', 'select 1 from t limit 5 offset :skipped'],
    ['skips', 'OFFSET 10 rows'],
    ['countsBeside', 'select count(*) over () from t'],
    ['counts', 'select count (distinct a) from t'],
  ] as const)('would be noticed where it %s: %s', (name, sql) => {
    expect(patterns[name].test(sql)).toBe(true)
  })
})
