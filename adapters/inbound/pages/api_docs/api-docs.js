// Starts Swagger UI (a global of its bundle) on the page at /schema.

const place = document.getElementById('api-docs');
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  validatorUrl: null, // asks another host
});
