(function (global) {
  'use strict';
  const host = global.__host;
  delete global.__host;
  const parse = JSON.parse, stringify = JSON.stringify;

  // While a native walks a length no clock can stop it: the slow ones are refused long ones.
  const LONGEST = 2 ** 22, apply = Reflect.apply, typed = Object.getPrototypeOf(Uint8Array);
  function check(value, name) {
    if (value !== null && value !== undefined && value.length > LONGEST)
      throw new RangeError(`${name} of more than ${LONGEST} elements`);
  }
  function guarded(native, name) {
    return {[name](...given) {
      check(this, name);
      for (let i = 0; i < given.length; i++)
        if (typeof given[i] === 'object') check(given[i], name);
      return apply(native, this, given);
    }}[name];
  }
  for (const [owner, names] of [
    [Array.prototype, 'concat copyWithin flat join reverse shift slice sort splice unshift'],
    [Array.prototype, 'toLocaleString'], [typed, 'from'],
    [typed.prototype, 'join sort toLocaleString'],
    [String.prototype, 'normalize replaceAll split'], [JSON, 'stringify'],
  ]) for (const name of names.split(' '))
    Object.defineProperty(owner, name, {value: guarded(owner[name], name)});
  const toJSON = {value() { check(this, 'JSON'); return this; }};
  Object.defineProperty(Array.prototype, 'toJSON', toJSON);
  const {raw} = String;
  String.raw = (parts, ...values) => { check(parts.raw, 'raw'); return raw(parts, ...values); };

  class ArangoError extends Error {
    constructor({errorNum = 0, code = 0, errorMessage = ''} = {}) {
      super(errorMessage);
      Object.assign(this, {name: 'ArangoError', error: true, errorNum, code, errorMessage});
    }
  }
  function unsupported(what) {
    const errorMessage = `${what} is not supported by the arangolab sandbox`;
    return new ArangoError({errorNum: 9, code: 501, errorMessage});
  }

  function ask(operation, ...args) {
    const answer = parse(host(operation, stringify(args)));
    if (answer.error) throw new ArangoError(answer);
    return answer.result;
  }

  class Cursor {
    constructor({rows, extra}) { Object.assign(this, {_rows: rows, _extra: extra, _at: 0}); }
    hasNext() { return this._at < this._rows.length; }
    next() {
      if (this.hasNext()) return this._rows[this._at++];
      throw new ArangoError({errorNum: 1600, code: 404, errorMessage: 'cursor not found'});
    }
    toArray() { return this._rows.slice(this._at, this._at = this._rows.length); }
    forEach(callback) { while (this.hasNext()) callback(this.next()); }
    count() { return this._rows.length; }
    getExtra() { return this._extra; }
    dispose() { this._rows = []; }
    *[Symbol.iterator]() { while (this.hasNext()) yield this.next(); }
  }
  Cursor.prototype.close = Cursor.prototype.dispose;
  const cursor = (rows) => new Cursor({rows, extra: {}});

  class Collection {
    constructor(name) { this._name = name; }
    name() { return this._name; }
    byExample(example) { return cursor(ask('byExample', this._name, example)); }
    firstExample(example) { return ask('byExample', this._name, example)[0] || null; }
    toArray() { return ask('all', this._name); }
    all() { return cursor(this.toArray()); }
  }
  for (const [name, method, ...parts] of [
    ['document', 'GET', 0], ['insert', 'POST', null, 0, 1], ['remove', 'DELETE', 0, null, 1],
    ['replace', 'PUT', 0, 1, 2], ['save', 'POST', null, 0, 1], ['update', 'PATCH', 0, 1, 2],
  ]) Collection.prototype[name] = function (...given) {
    return ask(method, this._name, ...[0, 1, 2].map((i) => given[parts[i]]));
  };
  for (const name of ['count', 'exists', 'truncate'])
    Collection.prototype[name] = function (...given) { return ask(name, this._name, ...given); };

  const known = {
    get(target, name) {
      if (typeof name !== 'string' || name in target || name === 'toJSON') return target[name];
      throw unsupported(`db.${target._name}.${name}`);
    },
  };
  const collection = (name) => new Proxy(new Collection(name), known);

  function aql(strings, ...values) {
    const bindVars = {};
    let query = strings[0];
    values.forEach((value, i) => {
      const name = (value instanceof Collection ? '@value' : 'value') + i;
      bindVars[name] = value instanceof Collection ? value.name() : value;
      query += '@' + name + strings[i + 1];
    });
    return {query, bindVars};
  }

  function query(text, bindVars, options) {
    const given = typeof text === 'object' ? {...text} : {query: text, bindVars};
    const chosen = {...given.options, ...options};
    return new Cursor(ask('query', given.query, {...given.bindVars}, chosen));
  }

  const own = {
    _query: query,
    _collection: (name) => ask('has', name) ? collection(name) : null,
    _name: () => ask('database'),
    _document: (id) => own._collection(id.split('/')[0]).document(id.split('/')[1]),
  };
  const db = new Proxy(own, {
    get(target, name) {
      if (typeof name !== 'string' || name in target) return target[name];
      if (ask('has', name)) return collection(name);
      if (name[0] === '_') throw unsupported(`db.${name}`);
      return undefined;
    },
  });

  const errors = {};
  for (const [name, code] of Object.entries({
    ARANGO_CONFLICT: 1200, ARANGO_DOCUMENT_NOT_FOUND: 1202, ARANGO_DATA_SOURCE_NOT_FOUND: 1203,
    ARANGO_UNIQUE_CONSTRAINT_VIOLATED: 1210, LOCK_TIMEOUT: 18,
  })) errors['ERROR_' + name] = {code, message: 'ERROR_' + name};
  const silent = () => undefined;
  const console = {log: silent, info: silent, warn: silent, error: silent, debug: silent};
  const internal = {db, ArangoError, errors, time: () => Date.now() / 1000, print: silent};
  const modules = {console, internal, '@arangodb': {db, aql, query: aql, ArangoError, errors}};
  function require(name) {
    if (Object.prototype.hasOwnProperty.call(modules, name)) return modules[name];
    throw unsupported(`module '${name}'`);
  }
  Object.assign(global, {require, console, ArangoError, print: silent});

  function told(error) {
    if (typeof error === 'object' && (error?.errorNum || error instanceof ArangoError)) {
      const {errorNum, code, errorMessage, message} = error;
      return {error: true, errorNum, code, errorMessage: errorMessage || message || ''};
    }
    const errorMessage = error instanceof Error ? `${error.name}: ${error.message}`
      : typeof error === 'string' ? error : stringify(error) || String(error);
    const interrupted = error instanceof InternalError;
    return {error: true, errorNum: 1650, code: 500, errorMessage, interrupted};
  }

  const compiled = new Map();
  function action(source) {
    if (!compiled.has(source)) {
      if (compiled.size >= 100) compiled.clear();
      compiled.set(source, Function('return (' + source + ');'));
    }
    const run = compiled.get(source)();
    if (typeof run !== 'function') throw new TypeError('action is not a function');
    return run;
  }

  global.__go = function (source, params) {
    delete global.__arm;
    let run;
    try {
      run = action(source);
    } catch (error) {
      return stringify({error: true, errorNum: 10, code: 400, errorMessage:
        `missing/invalid action definition for transaction - ${error.name}: ${error.message}`});
    }
    try {
      return stringify({result: run(parse(params))});
    } catch (error) {
      return stringify(told(error));
    }
  };
})(globalThis);
