(function (global, host) {
  'use strict';
  const parse = JSON.parse, stringify = JSON.stringify;

  // While a native walks a length no clock can stop it: the slow ones are refused long ones.
  const LONGEST = 2 ** 22, apply = Reflect.apply;
  function check(value, name) {
    if (value !== null && value !== undefined && value.length > LONGEST)
      throw new RangeError(`${name} of more than ${LONGEST} elements`);
  }
  function guard(owner, names) {
    for (const name of names.split(' ')) {
      const native = owner[name];
      const {[name]: guarded} = {[name](...given) {
        check(this, name);
        for (let i = 0; i < given.length; i++)
          if (typeof given[i] === 'object') check(given[i], name);
        return apply(native, this, given);
      }};
      Object.defineProperty(owner, name, {value: guarded});
    }
  }
  const typed = Object.getPrototypeOf(Uint8Array);
  guard(Array.prototype, 'concat copyWithin flat join reverse shift slice sort splice unshift');
  guard(Array.prototype, 'toLocaleString');
  guard(typed, 'from');
  guard(typed.prototype, 'join sort toLocaleString');
  guard(String.prototype, 'normalize replaceAll split');
  guard(JSON, 'stringify');
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

  const keyOf = (selector) => selector?._key ?? selector?._id ?? selector;
  const idOf = (vertex) => vertex?._id ?? vertex;

  class Collection {
    constructor(name) { this._name = name; }
    name() { return this._name; }
    type() { return ask('type', this._name); }
    document(selector) { return ask('document', this._name, keyOf(selector)); }
    exists(selector) { return ask('exists', this._name, keyOf(selector)); }
    insert(document, options) { return ask('insert', this._name, document, {...options}); }
    remove(selector, options) { return ask('remove', this._name, keyOf(selector), {...options}); }
    truncate() { ask('truncate', this._name); }
    count() { return ask('count', this._name); }
    byExample(example) { return cursor(ask('byExample', this._name, example)); }
    firstExample(example) { return ask('byExample', this._name, example)[0] || null; }
    all() { return cursor(this.toArray()); }
    toArray() { return ask('all', this._name); }
    any() {
      const all = this.toArray();
      return all[Math.floor(Math.random() * all.length)] || null;
    }
    outEdges(vertex) { return ask('edges', this._name, idOf(vertex), 'outbound'); }
    inEdges(vertex) { return ask('edges', this._name, idOf(vertex), 'inbound'); }
    edges(vertex) { return ask('edges', this._name, idOf(vertex), 'any'); }
  }
  for (const write of ['update', 'replace'])
    Collection.prototype[write] = function (selector, document, options) {
      return ask(write, this._name, keyOf(selector), document, {...options});
    };
  Collection.prototype.save = Collection.prototype.insert;

  const known = {
    get(target, name) {
      if (typeof name !== 'string' || name in target || name === 'toJSON') return target[name];
      throw unsupported(`db.${target._name}.${name}`);
    },
  };
  const collection = (name) => new Proxy(new Collection(name), known);

  function aqlParts(strings, ...values) {
    const bindVars = {};
    let query = strings[0];
    values.forEach((value, i) => {
      const name = (value instanceof Collection ? '@value' : 'value') + i;
      bindVars[name] = value instanceof Collection ? value.name() : value;
      query += '@' + name + strings[i + 1];
    });
    return {query, bindVars};
  }

  function query(text, bindVars, options, more) {
    const given = typeof text === 'object' ? {...text} : {query: text, bindVars};
    const chosen = {...given.options, ...options, ...more};
    return new Cursor(ask('query', given.query, {...given.bindVars}, chosen));
  }

  const own = {
    _query: query,
    _createStatement: (statement) => ({execute: () => query(statement)}),
    _collection: (name) => ask('has', name) ? collection(name) : null,
    _document: (id) => own._collection(id.split('/')[0]).document(id.split('/')[1]),
    _exists: (id) => own._collection(id.split('/')[0]).exists(id.split('/')[1]),
    _name: () => ask('database'),
    _isSystem: () => ask('database') === '_system',
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
  const arangodb = {db, aql: aqlParts, query: aqlParts, ArangoError, errors};
  const modules = {
    '@arangodb': arangodb,
    'org/arangodb': arangodb,
    'internal': {db, ArangoError, errors, time: () => ask('time'), print: silent},
    'console': console,
  };
  global.require = function (name) {
    if (Object.prototype.hasOwnProperty.call(modules, name)) return modules[name];
    throw unsupported(`module '${name}'`);
  };
  global.console = console;
  global.ArangoError = ArangoError;
  global.print = silent;
  if (typeof global.performance === 'undefined') global.performance = {now: () => Date.now()};

  function told(error) {
    if (typeof error === 'object' && (error?.errorNum || error instanceof ArangoError)) {
      const {errorNum, code, errorMessage, message} = error;
      return {error: true, errorNum, code, errorMessage: errorMessage || message || ''};
    }
    const answer = {error: true, errorNum: 1650, code: 500, errorMessage: error};
    if (error instanceof Error) {
      answer.errorMessage = `${error.name}: ${error.message}`;
      answer.interrupted = error instanceof InternalError;
    } else if (typeof error !== 'string') {
      answer.errorMessage = stringify(error) || String(error);
    }
    return answer;
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

  return function (source, params) {
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
})
