import { type Answer, type Flow, metaBody } from '#test/support/stack.ts'

type Ask = (flow: Flow, token: string | null) => Promise<Answer>

interface OpenCell {
  readonly ask: Ask
  readonly status: number
}

const verify =
  (verifyToken: (flow: Flow) => string): Ask =>
  (flow, token) => {
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.challenge': '1234',
      'hub.verify_token': verifyToken(flow),
    })
    return flow.ask(`GET /webhooks/whatsapp?${query}`, { token })
  }

const news = (flow: Flow) => metaBody(flow.stack.ready, { statuses: [] })
const receive =
  (signature: (flow: Flow) => string | undefined): Ask =>
  (flow, token) => {
    const signed = signature(flow)
    return flow.ask('POST /webhooks/whatsapp', {
      token,
      body: news(flow),
      headers: {
        'content-type': 'application/json',
        ...(signed !== undefined && { 'x-hub-signature-256': signed }),
      },
    })
  }

/** Routes that ask for no token of ours: what they ask for instead, whatever token comes along. */
export const openRoutes: Readonly<Record<string, Readonly<Record<string, OpenCell>>>> = {
  'GET /webhooks/whatsapp': {
    'the verify token': { ask: verify(({ stack }) => stack.ready.verifyToken), status: 200 },
    'another verify token': { ask: verify(() => 'another'), status: 403 },
    'no verify token': { ask: verify(() => ''), status: 403 },
  },
  'POST /webhooks/whatsapp': {
    "Meta's signature": { ask: receive((flow) => flow.sign(news(flow))), status: 200 },
    'the signature of other bytes': { ask: receive((flow) => flow.sign('{}')), status: 401 },
    'no signature': { ask: receive(() => undefined), status: 401 },
  },
  'GET /openapi.json': {
    anybody: { ask: (flow, token) => flow.ask('GET /openapi.json', { token }), status: 200 },
  },
  'GET /docs': {
    anybody: { ask: (flow, token) => flow.ask('GET /docs', { token }), status: 200 },
  },
  'GET /docs/{file}': {
    'a file that is there': {
      ask: (flow, token) => flow.ask('GET /docs/start.js', { token }),
      status: 200,
    },
    'a file that is not': {
      ask: (flow, token) => flow.ask('GET /docs/..%2Findex.mjs', { token }),
      status: 404,
    },
  },
  'GET /unsubscribe/{token}': {
    'anybody, and nothing happens': {
      ask: (flow, token) => flow.ask('GET /unsubscribe/u1x1x00', { token }),
      status: 200,
    },
  },
  'POST /unsubscribe/{token}': {
    'a token that we never gave': {
      ask: (flow, token) => flow.ask(`POST /unsubscribe/u1x1x${'0'.repeat(30)}`, { token }),
      status: 404,
    },
    'no token at all': {
      ask: (flow, token) => flow.ask('POST /unsubscribe/__proto__', { token }),
      status: 404,
    },
  },
}
