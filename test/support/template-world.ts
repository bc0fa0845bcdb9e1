import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeTemplateStore } from '#shared/adapters/database/template-store.ts'
import { makeTemplateSyncStore } from '#shared/adapters/database/template-sync-store.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import type { Job } from '#shared/ports/job-store.ts'
import type { ListedTemplate } from '#shared/ports/template-source.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { openPostgresWorld } from '#test/support/stores.ts'
import type { WorldTenant } from '#test/support/stores-world.ts'

/** A template as Meta lists it: approved, with one variable. */
export const listed = (name: string, more: Partial<ListedTemplate> = {}): ListedTemplate => ({
  name,
  language: 'pt_BR',
  providerTemplateId: `id-${name}`,
  category: 'UTILITY',
  status: 'APPROVED',
  parameterFormat: 'POSITIONAL',
  components: [{ type: 'BODY', text: 'Olá, {{1}}' }],
  shape: { body: 1 },
  quality: undefined,
  reason: undefined,
  ...more,
})

/** The stores of templates on a database of their own, and short ways to sync. */
export async function openTemplateWorld() {
  const world = await openPostgresWorld()
  const { dataApi: database, directory, kms, kmsClient, waits } = world
  const keys = makeTenantKeys(makeKmsDataKeys(kmsClient, kms.keyArn))
  const sealer = makeSealer(directory, keys, systemClock)
  const templates = makeTemplateStore({ database, sealer })
  const syncs = makeTemplateSyncStore(database, waits)
  const jobs = makeJobStore(database, waits)

  async function claim({ tenantId }: WorldTenant, taskId: string | undefined): Promise<Job> {
    if (taskId === undefined) throw new Error('nothing was planned')
    const [job] = await jobs.claim({
      type: 'TEMPLATE_SYNC',
      claimToken: crypto.randomUUID(),
      jobs: [{ tenantId, taskId }],
    })
    if (job === undefined) throw new Error('not claimed')
    return job
  }

  return {
    ...world,
    templates,
    syncs,
    jobs,
    claim,
    planned: async (tenant: WorldTenant) => {
      const [sync] = await syncs.planSyncs(tenant)
      return claim(tenant, sync?.taskId)
    },
    /** A whole list; `applyPart` is one with holes. */
    apply: ({ sender: { wabaId } }: WorldTenant, job: Job, known: readonly ListedTemplate[]) =>
      syncs.apply({ job, wabaId, templates: known, isWhole: true }),
    applyPart: ({ sender: { wabaId } }: WorldTenant, job: Job, known: readonly ListedTemplate[]) =>
      syncs.apply({ job, wabaId, templates: known, isWhole: false }),
    end: (job: Job) => jobs.settle([{ job, result: { outcome: 'DONE' } }]),
    list: async (tenant: WorldTenant) => {
      const page = { limit: 100, cursor: undefined, filter: {} }
      return (await templates.list(tenant, page)).items
    },
    syncedAt: async ({ tenantId }: WorldTenant): Promise<Date | null> => {
      const { rows } = await world.owner.query(
        'select templates_synced_at as at from senders where tenant_id = $1',
        [tenantId],
      )
      return rows[0]?.at ?? null
    },
  }
}

export type TemplateWorld = Awaited<ReturnType<typeof openTemplateWorld>>
