import { policyOf } from '#shared/contracts/dunning.ts'
import { bookedResource, dryResource, policyResource } from '#shared/contracts/dunning-shown.ts'
import { dunningOperations } from '#shared/contracts/operations/dunning.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { storesEnv } from '../env.ts'
import { wireDunning } from '../wire-dunning.ts'

const { findClient, dunning } = wireDunning(config(storesEnv))

export const handler = api(
  dunningOperations,
  findClient,
)({
  getDunningPolicy: async ({ caller }) => {
    const stored = await dunning.policy(caller)
    return { status: 200, version: String(stored.version), body: policyResource(stored) }
  },

  putDunningPolicy: async ({ caller, body, ifMatch }) => {
    const stored = await dunning.putPolicy(caller, { policy: policyOf(body), version: ifMatch })
    return { status: 200, version: String(stored.version), body: policyResource(stored) }
  },

  dryRunDunning: async ({ caller, body }) => {
    const { day, limit, cursor, policy } = body
    const { items, nextCursor } = await dunning.dryRun(caller, {
      ...{ day, limit, cursor },
      policy: policy && policyOf(policy),
    })
    return {
      status: 200,
      body: { items: items.map(dryResource), nextCursor: nextCursor ?? null },
    }
  },

  listInstallmentSteps: async ({ caller, params }) => {
    const steps = await dunning.steps(caller, params.installmentId)
    return { status: 200, body: { items: steps.map(bookedResource) } }
  },
})
