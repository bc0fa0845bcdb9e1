/** What every operation has in common, for whoever reads the document. */
export const introduction = `One thread per person over WhatsApp and e-mail, for companies that bill people.

- **Who asks.** \`Authorization: Bearer …\`, a JWT of the deployment's OIDC issuer. Its client belongs to one tenant; what belongs to another tenant is not found.
- **Ids** are decimal strings, those of files are UUIDs. **Times** are RFC 3339 in UTC. Names are camelCase. Fields may be added to answers: leave alone what you do not know.
- **Safe to repeat.** What makes something takes an \`Idempotency-Key\`; the same request under the same key is done once and answered the same for 30 days.
- **Lists** come in pages: give \`nextCursor\` back as \`cursor\` until it is null. A cursor belongs to its list and filters.
- **What is read** carries an \`ETag\`; \`If-None-Match\` saves sending it again.
- **Rate limit.** \`RateLimit\` tells what is left for the client; 429 says in \`Retry-After\` when to come back.
- **Refusals** are Problem Details (RFC 9457). Branch on \`code\`; show \`text\` to people; repeat only what is \`retryable\`. Every code is in the catalogue, docs/errors.md.`

export const roomDescriptions: Readonly<Record<string, string>> = {
  chats: 'The thread of a person: opened by a program, or by the person who writes first.',
  persons: 'People and the contacts by which they are reached.',
  messages: 'What is sent and received in a chat.',
  media: 'Files: announced, uploaded, sent by their id; received ones are downloaded.',
  templates: "Meta's approved templates, as last synced.",
  'own-templates':
    'Your templates, by name and version: of mails, or bound to an approved one of Meta.',
  events: 'What happened, in order, for programs that follow.',
  subscriptions: 'Where events are delivered to.',
  privacy: 'What persons may ask for by law: copies, erasures, and the ledger of their consents.',
  suppressions: 'Addresses that nothing goes to, and why.',
  'business-events':
    'What finance systems tell of movements and installments, and what is known of them.',
  audit: 'Who saw or changed what, and what for.',
  dunning: 'When people are written to about what is due, and what became of each step.',
}
