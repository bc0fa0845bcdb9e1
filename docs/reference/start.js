/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  // Every operation at a glance; the schemas at the end are opened one by one.
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
})
