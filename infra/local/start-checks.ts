import { once } from 'node:events'
import { connect } from 'node:net'
import { mustBeFree, type Ports, portBlock } from './ports.ts'
import { type LocalSettings, type Replacements, StartRefused } from './settings.ts'

type Variable = keyof Replacements

/** What a start talks to; nothing is sent to the others before somebody sends a message. */
const neededAtStart = [
  'AWS_ENDPOINT_URL_SQS',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_RDS_DATA',
] as const

/** A part whose variables are all set is not started. */
const replacing: Partial<Record<keyof Ports, readonly Variable[]>> = {
  whatsapp: ['WHATSAPP_GRAPH_URL'],
  mail: ['AWS_ENDPOINT_URL_SES'],
  dataApi: ['AWS_ENDPOINT_URL_RDS_DATA'],
  aws: ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_SNS', 'AWS_ENDPOINT_URL_S3'],
}

const answerWithinSeconds = 5

/**
 * Looks for what would break a start in the middle. Throws StartRefused with a sentence that names
 * the variable or the port. PostgreSQL looks at its own port: a server left behind may have it.
 */
export async function checkBeforeStart({ port, replacements }: LocalSettings): Promise<void> {
  const { postgres: _, ...ports } = portBlock(port)
  const isStarted = (place: string) =>
    replacing[place as keyof Ports]?.every((name) => replacements[name] !== undefined) !== true
  const own = Object.entries(ports).filter(([place]) => isStarted(place))
  await Promise.all([
    ...own.map(([, each]) => mustBeFree(each)),
    ...neededAtStart.map((name) => mustAnswer(name, replacements[name])),
  ])
}

async function mustAnswer(name: Variable, address: string | undefined): Promise<void> {
  if (address === undefined) return
  const { origin, protocol, hostname, port } = new URL(address)
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerWithinSeconds * 1000) })
  } catch (error) {
    const { name: kind, code } = error as NodeJS.ErrnoException
    const why = kind === 'AbortError' ? `waited ${answerWithinSeconds} s` : code
    throw new StartRefused(`The variable ${name} names ${origin}, where nobody answers (${why}).`)
  } finally {
    socket.destroy()
  }
}
