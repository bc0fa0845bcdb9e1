import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { ProviderTemplate } from '../domain/provider-template.ts'
import type { Page, PageRequest } from '../ports/chat-store.ts'
import type { TemplateFilter, TemplateStore } from '../ports/template-store.ts'

/** The provider templates of a tenant; those of somebody else are simply not found. */
export function makeReadTemplates(templates: TemplateStore) {
  return {
    list: (
      caller: Caller,
      page: PageRequest & { readonly filter: TemplateFilter },
    ): Promise<Page<ProviderTemplate>> => templates.list(caller, page),
    /**
     * Lets a recategorised template go again, as what Meta calls it now. That may cost more per
     * message (MARKETING is dearer than UTILITY) and reaches people who agreed to less, so it takes
     * somebody's word. Throws Refusal `template-not-found`.
     */
    acceptCategory: async (
      caller: Caller,
      template: { readonly name: string; readonly language: string },
    ): Promise<readonly ProviderTemplate[]> => {
      const accepted = await templates.acceptCategory(caller, template)
      if (accepted.length === 0) throw new Refusal('template-not-found')
      return accepted
    },
  }
}
