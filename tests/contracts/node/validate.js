// Judges what is on standard input: {asyncapi: {process: document}, openapi: {process: document},
// samples: {type: [{headers, body}]}}, each as far as it is asked for, and {files: {name: {schema,
// data}}} of any other schema. Prints a list of findings, {document, at, message}.
import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const { asyncapi = {}, openapi = {}, samples = {}, files = {} } = JSON.parse(
  await read(process.stdin),
);
const findings = [];

for (const [name, document] of Object.entries(asyncapi)) {
  const found = (at, message) => findings.push({ document: `asyncapi of ${name}`, at, message });
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  for (const { severity, path, message } of diagnostics) {
    // 0 is an error, 1 a warning; 2 and 3 tell what more a document could have.
    if (severity < 2) found(path.join("/"), message);
  }
  judgeSamples(document, found);
}
for (const [name, document] of Object.entries(openapi)) {
  const { valid, errors } = await new Validator().validate(document);
  for (const { instancePath, message } of valid ? [] : errors) {
    findings.push({ document: `openapi of ${name}`, at: instancePath, message });
  }
}
for (const [name, { schema, data }] of Object.entries(files)) {
  const { $schema, ...plain } = schema; // Ajv's own dialect has all that these say.
  const judge = new Ajv({ strict: false, allErrors: true }).compile(plain);
  if (judge(data)) continue;
  for (const { instancePath, message } of judge.errors)
    findings.push({ document: `file ${name}`, at: instancePath, message });
}
console.log(JSON.stringify(findings));

// Golden samples are what goes over the wire: headers and payload are as the document says.
function judgeSamples(document, found) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: "document", components: document.components });
  for (const message of Object.values(document.components?.messages ?? {})) {
    const golden = message.payload.$ref ? (samples[message.name] ?? []) : [];
    for (const { headers, body } of golden) {
      const own = { ...headers };
      // A sample has one publisher; where several have the event, another is as good.
      own.ce_source = message.headers.properties.ce_source.const ?? own.ce_source;
      const ofHeaders = ajv.compile(message.headers);
      if (!ofHeaders(own)) found(`${message.name} headers`, ajv.errorsText(ofHeaders.errors));
      const ofBody = ajv.compile({ $ref: `document${message.payload.$ref}` });
      if (!ofBody(JSON.parse(body))) found(`${message.name} body`, ajv.errorsText(ofBody.errors));
    }
  }
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
