/** Names of the topics by which SES tells us of mails; each feeds the queue of the same name. */
export const mailTopics = {
  EMAIL_EVENT: 'recado-email-event',
  INBOUND_MAIL: 'recado-inbound-mail',
} as const
