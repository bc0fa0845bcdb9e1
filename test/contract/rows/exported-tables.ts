import type { ExportPart, MessagePart } from '#shared/ports/exports.ts'

/** Where the copy of a person shows the rows of a table. */
export const exportedTables: Readonly<Record<string, ExportPart | MessagePart | 'messages'>> = {
  audit_entries: 'readers',
  business_events: 'businessEvents',
  chat_messages: 'messages',
  chats: 'chats',
  consents: 'consents',
  contact_identities: 'contacts',
  contact_senders: 'contactSenders',
  contacts: 'contacts',
  dunning_steps: 'dunningSteps',
  installments: 'installments',
  media: 'files',
  media_uploads: 'fileUploads',
  message_status: 'statuses',
  movements: 'movements',
  opt_outs: 'optOuts',
  persons: 'persons',
  portfolio_contacts: 'portfolioContacts',
  privacy_requests: 'privacyRequests',
  send_attempts: 'attempts',
  suppressions: 'suppressions',
}

/** Tables that are about persons, or might be, and are no part of their copy, each with the reason. */
export const leftOut: Readonly<Record<string, string>> = {
  account_events: 'what Meta tells of our accounts; whom it is about nobody can tell',
  audit_links: 'hashes over entries of the audit, which are handed out as readers',
  audit_persons: 'whose which entry of the audit is, which are handed out as readers',
  event_delivery_attempts: 'how calls to programs of the company ended',
  events: 'tells programs what messages, chats and persons show; no text, and gone after its days',
  idempotency_keys:
    'an answer kept for whoever repeats a request: once more what chats and persons hold',
  pair_paces: 'when the next message may go to an address; seconds, and over after minutes',
  parked_items:
    'what came in and no code could read: nobody can say it in words; gone after its days',
  raw_mails:
    'where mails lie as they came in, which are handed out as messages; gone after 30 days',
  task_failures: 'what no code could apply; whom it is about nobody can tell',
  tasks: 'what the machine has yet to do; what came of it is shown where it did it',
}

/** Columns that hold something of a person and are in no copy, each with the reason. */
export const leftOutColumns: Readonly<Record<string, string>> = {
  'chats.mail_token': 'whoever has it writes into the chat; mails carry it in their address',
  'contact_identities.value_hash': 'finds the address that is shown',
  'message_status.recipient_hash': 'finds the recipient that is shown',
  'privacy_requests.object_key': 'where the copy lies',
  'suppressions.value_hash': 'finds the address that is shown',
}
