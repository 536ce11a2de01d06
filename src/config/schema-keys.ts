/**
 * The keys of the configuration, and of a scenario, as rows: for the reference tables, the example
 * file and the reading of values that come as text. Made from the schemas, so that there is no
 * second list to keep.
 */
import { z } from "zod";
import { scenarioSchema } from "./schema-scenario.ts";
import { configSchema } from "./schema.ts";

export interface ConfigKey {
  /** Dotted; a list of objects adds `[]`, as in `feeds[].name`; several kinds: `events[cap].atSec`. */
  key: string;
  /** JSON types the value may have: "integer", "string", "boolean", "array", "object", "null". */
  types: readonly string[];
  /** Undefined for an object, whose parts have defaults of their own, and for required parts. */
  defaultValue: unknown;
  doc: string;
  unit: string;
  /** What is allowed beside the type, in words; empty when the type says it all. */
  allowed: string;
}

interface JsonSchema {
  const?: string | number | boolean;
  oneOf?: JsonSchema[];
  exclusiveMinimum?: number;
  type?: string | string[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  default?: unknown;
  doc?: string;
  unit?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

/** Every key of the configuration, in the order of the schema; an object stands before its parts. */
export function configKeys(): ConfigKey[] {
  return rowsOf("", z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema);
}

/** Every key of a scenario, in the same way. */
export function scenarioKeys(): ConfigKey[] {
  return rowsOf("", z.toJSONSchema(scenarioSchema, { io: "input" }) as JsonSchema);
}

function rowsOf(key: string, schema: JsonSchema): ConfigKey[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    rowsOf(key === "" ? name : `${key}.${name}`, part),
  );
  const itself: ConfigKey = {
    key,
    types: typesOf(schema),
    defaultValue: schema.default,
    doc: schema.doc ?? "",
    unit: schema.unit ?? "",
    allowed: allowedOf(schema),
  };
  const isRow = key !== "" && !key.endsWith("]");
  return [...(isRow ? [itself] : []), ...below, ...itemRows(key, schema.items)];
}

/** The parts of a list's entries, of each kind where there are several. */
function itemRows(key: string, items: JsonSchema | undefined): ConfigKey[] {
  if (items?.properties !== undefined) return rowsOf(`${key}[]`, items);
  return (items?.oneOf ?? []).flatMap((kind) =>
    rowsOf(`${key}[${String(kind.properties?.["kind"]?.const)}]`, kind),
  );
}

function typesOf(schema: JsonSchema): string[] {
  const own = schema.type === undefined ? [] : [schema.type].flat();
  return [...own, ...(schema.anyOf ?? []).flatMap(typesOf)];
}

function allowedOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  const number = [schema, ...(schema.anyOf ?? [])].find(
    (part) => (part.minimum ?? part.exclusiveMinimum) !== undefined,
  );
  const orNull = typesOf(schema).includes("null") ? ", or null" : "";
  if (number !== undefined) {
    const step = number.multipleOf === undefined ? "" : `, multiples of ${number.multipleOf}`;
    return rangeOf(number) + step + orNull;
  }
  if (schema.enum !== undefined) return schema.enum.map(String).join(", ") + orNull;
  if (schema.minItems !== undefined) {
    return `${schema.minItems} to ${String(schema.maxItems)} entries`;
  }
  if (schema.maxItems !== undefined) return `at most ${schema.maxItems} entries`;
  return "";
}

/** The library writes its own bound where the schema has none. */
function rangeOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const hasMaximum = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum === undefined) {
    return `above ${String(exclusiveMinimum)}${hasMaximum ? `, at most ${maximum}` : ""}`;
  }
  return hasMaximum ? `${minimum} to ${maximum}` : `at least ${minimum}`;
}
