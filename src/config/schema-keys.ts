/**
 * The keys of the configuration as rows: for the reference table, the example file and the reading
 * of values that come as text. Made from the schema, so that there is no second list to keep.
 */
import { z } from "zod";
import { configSchema } from "./schema.ts";

export interface ConfigKey {
  /** Dotted; a list of objects adds `[]`, as in `feeds[].name`. */
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

/** Every key, in the order of the schema; an object stands before its parts. */
export function configKeys(): ConfigKey[] {
  return rowsOf("", z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema);
}

function rowsOf(key: string, schema: JsonSchema): ConfigKey[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    rowsOf(key === "" ? name : `${key}.${name}`, part),
  );
  const items = schema.items?.properties === undefined ? [] : rowsOf(`${key}[]`, schema.items);
  const itself: ConfigKey = {
    key,
    types: typesOf(schema),
    defaultValue: schema.default,
    doc: schema.doc ?? "",
    unit: schema.unit ?? "",
    allowed: allowedOf(schema),
  };
  const isRow = key !== "" && !key.endsWith("[]");
  return [...(isRow ? [itself] : []), ...below, ...items];
}

function typesOf(schema: JsonSchema): string[] {
  const own = schema.type === undefined ? [] : [schema.type].flat();
  return [...own, ...(schema.anyOf ?? []).flatMap(typesOf)];
}

function allowedOf(schema: JsonSchema): string {
  const number = [schema, ...(schema.anyOf ?? [])].find((part) => part.minimum !== undefined);
  const orNull = typesOf(schema).includes("null") ? ", or null" : "";
  if (number !== undefined) {
    const step = number.multipleOf === undefined ? "" : `, multiples of ${number.multipleOf}`;
    return rangeOf(number.minimum ?? 0, number.maximum) + step + orNull;
  }
  if (schema.enum !== undefined) return schema.enum.map(String).join(", ") + orNull;
  if (schema.minItems !== undefined) {
    return `${schema.minItems} to ${String(schema.maxItems)} entries`;
  }
  if (schema.maxItems !== undefined) return `at most ${schema.maxItems} entries`;
  return "";
}

/** The library writes its own bound where the schema has none. */
function rangeOf(minimum: number, maximum: number | undefined): string {
  if (maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER) return `at least ${minimum}`;
  return `${minimum} to ${maximum}`;
}
