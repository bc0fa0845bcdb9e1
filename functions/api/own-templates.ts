import { ownTemplateOperations } from '#shared/contracts/operations/own-templates.ts'
import {
  ownTemplatePage,
  ownTemplateResource,
  ownTemplateSourceResource,
  previewOf,
  previewResource,
} from '#shared/contracts/own-templates.ts'
import { sourceOf } from '#shared/contracts/template-source.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { RequestProblem } from '#shared/runtime/problems.ts'
import { storesEnv } from '../env.ts'
import { wireOwnTemplates } from '../wire-own-templates.ts'

const { findClient, templates } = wireOwnTemplates(config(storesEnv))

export const handler = api(
  ownTemplateOperations,
  findClient,
)({
  listOwnTemplates: async ({ caller, query }) => {
    const { limit, cursor, channel } = query
    const page = await templates.list(caller, { limit, cursor, channel })
    return { status: 200, body: ownTemplatePage(page) }
  },

  getOwnTemplate: async ({ caller, params, query: { version } }) => {
    const template = await templates.get(caller, { ...params, version })
    return { status: 200, body: ownTemplateSourceResource(template) }
  },

  putOwnTemplate: async ({ caller, params, body }) => {
    if (body.source.channel !== params.channel) {
      const message = 'must be the channel of the path'
      throw new RequestProblem('invalid-body', [{ path: 'source.channel', message }])
    }
    const wanted = { ...params, category: body.category, source: sourceOf(body.source) }
    const { template, isNew } = await templates.put(caller, wanted)
    return { status: isNew ? 201 : 200, body: ownTemplateResource(template) }
  },

  listOwnTemplateVersions: async ({ caller, params, query }) => {
    const { limit, cursor } = query
    const page = await templates.versions(caller, { limit, cursor, of: params })
    return { status: 200, body: ownTemplatePage(page) }
  },

  previewOwnTemplate: async ({ caller, params, body }) => {
    const { version, content } = await templates.preview(caller, { ...params, ...previewOf(body) })
    return { status: 200, body: previewResource(version, content) }
  },

  lintOwnTemplate: async ({ caller, params, body: { step, version } }) => ({
    status: 200,
    body: await templates.lint(caller, { ...params, step, version }),
  }),
})
