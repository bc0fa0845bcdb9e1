import { randomUUID } from 'node:crypto'
import type { HttpAnswer } from '../http-server.ts'

/** An error as SES v1 words it: `code` is what stands on the wire. */
export class SesError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** A request of the Query protocol: flat fields, lists as `Name.member.1`, `Name.member.2`, … */
export interface QueryRequest {
  readonly action: string
  text(name: string): string | undefined
  list(name: string): readonly string[]
  /** A list of structures, each with the members asked for (empty when absent). */
  structures(name: string, members: readonly string[]): readonly Readonly<Record<string, string>>[]
}

const version = '2010-12-01'
const namespace = 'http://ses.amazonaws.com/doc/2010-12-01/'

/** @throws SesError MissingAction, InvalidAction (for another API version). */
export function readQuery(body: Buffer): QueryRequest {
  const form = new URLSearchParams(body.toString('utf8'))
  const action = form.get('Action') ?? ''
  if (action === '') throw new SesError('MissingAction', 'The request must contain an Action.')
  if (form.get('Version') !== version) throw invalidAction(action, form.get('Version') ?? '')
  const text = (name: string) => form.get(name) ?? undefined
  return {
    action,
    text,
    list: (name) => [...untilAbsent((index) => text(`${name}.member.${index}`))],
    structures: (name, members) => [
      ...untilAbsent((index) => {
        const values = members.map((member) => text(`${name}.member.${index}.${member}`))
        if (values.every((value) => value === undefined)) return undefined
        return Object.fromEntries(members.map((member, at) => [member, values[at] ?? '']))
      }),
    ],
  }
}

export function invalidAction(action: string, apiVersion = version): SesError {
  return new SesError(
    'InvalidAction',
    `Could not find operation ${action} for version ${apiVersion}`,
  )
}

export function resultXml(action: string, result: Readonly<Record<string, string>>): HttpAnswer {
  const members = Object.entries(result).map(([name, value]) => element(name, escapeXml(value)))
  return xml(
    200,
    `${action}Response`,
    element(`${action}Result`, members.join('')) +
      element('ResponseMetadata', element('RequestId', randomUUID())),
  )
}

export function errorXml(error: SesError): HttpAnswer {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const members =
    element('Type', type) +
    element('Code', error.code) +
    element('Message', escapeXml(error.message))
  return xml(
    error.status,
    'ErrorResponse',
    element('Error', members) + element('RequestId', randomUUID()),
  )
}

function* untilAbsent<T>(read: (index: number) => T | undefined): Generator<T> {
  for (let index = 1; ; index += 1) {
    const value = read(index)
    if (value === undefined) return
    yield value
  }
}

function xml(status: number, root: string, content: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<${root} xmlns="${namespace}">${content}</${root}>`,
  }
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
