import { emailEventEnv, inboundMailEnv } from '#functions/env.ts'
import { mailTopics } from '#shared/contracts/mail-topics.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What happened to mails, and mails that come in; part of the one list in topology.ts. */

export type MailFunctionName = 'email-event' | 'inbound-mail'
export type MailQueueName = 'EMAIL_EVENT' | 'INBOUND_MAIL'

export const mailFunctions: Readonly<Record<MailFunctionName, FunctionSpec>> = {
  'email-event': {
    entry: 'functions/processors/email-event.ts',
    env: emailEventEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'data-key'],
    sendsTo: ['EVENT_FANOUT'],
    errorImpact: 'mails stay SENT; bounces and complaints are taken but nobody is spared yet',
  },
  'inbound-mail': {
    entry: 'functions/processors/inbound-mail.ts',
    env: inboundMailEnv,
    timeoutSeconds: 60,
    // A mail of 40 MB is parsed in memory, line by line: 1.5 GB of many short ones.
    memoryMb: 2048,
    access: ['database', 'data-key', 'inbound-mail:read', 'media:write'],
    sendsTo: ['MESSAGE_SEND', 'EVENT_FANOUT'],
    errorImpact: 'mails that people write are taken but not shown',
  },
}

export const mailQueues: Readonly<Record<MailQueueName, QueueSpec>> = {
  EMAIL_EVENT: {
    consumer: 'email-event',
    batchSize: 10,
    maxBatchingWindowSeconds: 1,
    maxConcurrency: 5,
    maxReceiveCount: 10,
    topic: mailTopics.EMAIL_EVENT,
    errorImpact: 'reports of mails that could not be applied wait for a human',
  },
  INBOUND_MAIL: {
    consumer: 'inbound-mail',
    batchSize: 1,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 5,
    maxReceiveCount: 10,
    topic: mailTopics.INBOUND_MAIL,
    errorImpact: 'mails that people wrote and nobody could read wait for a human',
  },
}

/** Of senders that name none. Without a configuration set SES tells nothing of a mail. */
export const mailConfigurationSet = 'recado'
