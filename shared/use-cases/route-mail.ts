import {
  type ChatToken,
  readChatToken,
  referenceTokenOf,
  replyTokenOf,
} from '../domain/email-thread.ts'
import type { Directory, MailDirectory, MailSender, Tenant } from '../ports/directory.ts'

/** One tenant that a mail is for. */
export interface MailRoute {
  readonly tenant: Tenant
  readonly senderId: string
  /** Of the tenant's chats: those of addresses, then those of references, the newest first. */
  readonly tokens: readonly string[]
}

export type MailRoutes = MailDirectory & Pick<Directory, 'tenant'>

/**
 * Whose a mail is: of each recipient the tenant that its token names, else the one that the address
 * or its domain belongs to. A domain that several tenants share tells nothing, unless the mail answers
 * one of them. One route for each tenant, with the identity that was written to first.
 */
export async function routesOf(
  directory: MailRoutes,
  recipients: readonly string[],
  references: readonly string[],
): Promise<readonly MailRoute[]> {
  const referred = references
    .toReversed()
    .flatMap((reference) => tokenIn(referenceTokenOf(reference)))
  const senders = await Promise.all(
    recipients.map((recipient) => senderOf(directory, recipient, referred)),
  )
  const named = [
    ...recipients.flatMap((recipient) => tokenIn(replyTokenOf(recipient))),
    ...referred,
  ]
  const byTenant = new Map<string, MailSender>()
  for (const sender of senders) {
    if (sender !== undefined && !byTenant.has(sender.tenantId))
      byTenant.set(sender.tenantId, sender)
  }
  const routes = await Promise.all(
    [...byTenant.values()].map(async ({ tenantId, senderId }) => {
      // A tenant whose keys are still being made cannot seal.
      const tenant = await directory.tenant(tenantId)
      return tenant && { tenant, senderId, tokens: tokensOf(tenantId, named) }
    }),
  )
  return routes.filter((route) => route !== undefined)
}

function tokenIn(written: string | undefined): readonly ChatToken[] {
  const read = written === undefined ? undefined : readChatToken(written)
  return read === undefined ? [] : [read]
}

function tokensOf(tenantId: string, named: readonly ChatToken[]): readonly string[] {
  const own = named.filter((each) => each.tenantId === tenantId).map(({ token }) => token)
  return [...new Set(own)]
}

async function senderOf(
  directory: MailRoutes,
  recipient: string,
  referred: readonly ChatToken[],
): Promise<MailSender | undefined> {
  const here = await directory.mailSendersAt(recipient)
  const [token] = tokenIn(replyTokenOf(recipient))
  if (token !== undefined) {
    const own = await directory.mailSenders(token.tenantId)
    const named =
      own.find(({ senderId }) => here.some((each) => each.senderId === senderId)) ?? own[0]
    if (named !== undefined) return named
  }
  const tenantIds = new Set(here.map(({ tenantId }) => tenantId))
  if (tenantIds.size <= 1) return here[0]
  return here.find(({ tenantId }) => referred.some((each) => each.tenantId === tenantId))
}
