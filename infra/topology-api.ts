import {
  businessEventsEnv,
  chatsEnv,
  mediaEnv,
  messagesEnv,
  privacyEnv,
  storesEnv,
  subscriptionsEnv,
  templatesEnv,
} from '#functions/env.ts'
import { type RoomName, rooms } from '#shared/contracts/rooms.ts'
import type { FunctionSpec, Route } from './topology-shapes.ts'

/**
 * What programs call: one function a room of the API, so that a warm one answers all of it and a
 * stack stays far from CloudFormation's 500 resources. Part of the one list in topology.ts.
 */
export type ApiFunctionName = `api-${RoomName}`

const api = { timeoutSeconds: 15, memoryMb: 512 } as const

export const apiFunctions: Readonly<Record<ApiFunctionName, FunctionSpec>> = {
  'api-chats': {
    ...api,
    entry: 'functions/api/chats.ts',
    env: chatsEnv,
    access: ['database', 'data-key'],
    sendsTo: ['READ_RECEIPT', 'EVENT_FANOUT'],
    errorImpact: 'programs cannot open, list or read chats: /chats fails',
  },
  'api-messages': {
    ...api,
    entry: 'functions/api/messages.ts',
    env: messagesEnv,
    access: ['database', 'data-key'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK', 'EVENT_FANOUT'],
    errorImpact:
      'programs cannot send or read messages: /messages and /chats/{chatId}/messages fail',
  },
  'api-media': {
    ...api,
    entry: 'functions/api/media.ts',
    env: mediaEnv,
    access: ['database', 'data-key', 'media:write', 'media:read'],
    sendsTo: [],
    errorImpact: 'programs cannot bring or read files: /media fails',
  },
  'api-persons': {
    ...api,
    entry: 'functions/api/persons.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact:
      'programs cannot read persons, nor keep their contacts and opt-outs: /persons fails, and people who asked for silence may still be written to',
  },
  'api-privacy': {
    ...api,
    entry: 'functions/api/privacy.ts',
    env: privacyEnv,
    access: ['database', 'data-key', 'exports:read'],
    sendsTo: ['PERSON_EXPORT', 'PERSON_ERASURE'],
    errorImpact:
      'programs cannot ask for copies or erasures of persons, nor keep consents: /privacy-requests fails',
  },
  'api-templates': {
    ...api,
    entry: 'functions/api/templates.ts',
    env: templatesEnv,
    access: ['database', 'data-key'],
    sendsTo: ['TEMPLATE_SYNC'],
    errorImpact:
      'programs cannot list templates, nor accept a new category: recategorised ones stay blocked',
  },
  'api-own-templates': {
    ...api,
    entry: 'functions/api/own-templates.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact:
      'programs cannot write, read or preview templates of their own: /templates fails; messages made of them still go',
  },
  'api-events': {
    ...api,
    entry: 'functions/api/events.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact: 'programs cannot read what happened: GET /events fails',
  },
  'api-subscriptions': {
    ...api,
    entry: 'functions/api/subscriptions.ts',
    env: subscriptionsEnv,
    access: ['database', 'data-key'],
    sendsTo: ['EVENT_DELIVERY'],
    errorImpact: 'programs cannot subscribe, nor mend a paused subscription: /subscriptions fails',
  },
  'api-suppressions': {
    ...api,
    entry: 'functions/api/suppressions.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact: 'programs cannot list, add or remove suppressed addresses: /suppressions fails',
  },
  'api-audit': {
    ...api,
    entry: 'functions/api/audit.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact: 'programs cannot ask who saw or changed what: GET /audit fails; it is still kept',
  },
  'api-business-events': {
    ...api,
    entry: 'functions/api/business-events.ts',
    env: businessEventsEnv,
    access: ['database', 'data-key', 'chunks:write'],
    sendsTo: ['BUSINESS_EVENT'],
    errorImpact:
      'finance systems cannot tell of payments nor read debts: /business-events, /movements and /installments fail; people may be reminded of what they paid',
  },
  'api-dunning': {
    ...api,
    entry: 'functions/api/dunning.ts',
    env: storesEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact:
      'programs cannot read or change when people are written to about what is due: /dunning-policy and /dunning-runs fail',
  },
}

export const apiRoutes: readonly Route[] = Object.entries(rooms).flatMap(([room, operations]) =>
  Object.values(operations).map(({ method, path, scope }) => ({
    ...{ method, path, scope },
    function: `api-${room as RoomName}` as const,
  })),
)
