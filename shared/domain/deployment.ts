/** The tenant that is the deployment itself: what belongs to nobody we know is its own. It has no key. */
export const deploymentTenantId = '0'
