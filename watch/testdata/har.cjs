// Judges a HAR file (standard input) by the published schemas of HAR 1.2. The
// folder that is named holds ajv.bundle.js, json-schema-draft-06.json and the
// schemas. Prints one line for each fault.
const fs = require("fs");
const path = require("path");

const dir = process.argv[2];
const read = (name) => JSON.parse(fs.readFileSync(path.join(dir, name), "utf8"));
const Ajv = require(path.join(dir, "ajv.bundle.js"));
const ajv = new Ajv({ allErrors: true, format: "full" });
ajv.addMetaSchema(read("json-schema-draft-06.json"));
const schemas = fs.readdirSync(path.join(dir, "har")).map((name) => read(path.join("har", name)));
ajv.addSchema(schemas);
if (!ajv.validate("har.json#", JSON.parse(fs.readFileSync(0, "utf8")))) {
  for (const fault of ajv.errors) console.log(`${fault.dataPath} ${fault.message} (${fault.schemaPath})`);
}
