// ArangoDB's example graphs and data sets, by the names under which its documentation loads them.
// Facts from ArangoDB's example-graph.js (Apache-2.0): vertices, edges and their attributes.
(function (global) {
  'use strict';

  const keyed = (keys, more) => keys.map((_key) => Object.assign({_key}, more(_key)));
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  const links = (vertices, pairs) =>
    pairs.map(([from, to, more]) => Object.assign({_from: `${vertices}/${from}`, _to: `${vertices}/${to}`}, more));
  const one = (edges, vertices) => [{collection: edges, from: [vertices], to: [vertices]}];

  const places = 'Inverness Aberdeen Leuchars StAndrews Edinburgh Glasgow York Carlisle Birmingham London '
    + 'Brussels Cologne Toronto Winnipeg Saskatoon Edmonton Jasper Vancouver';
  const trains = [ // from, to, hours there, hours back
    ['Inverness', 'Aberdeen', 3, 2.5], ['Aberdeen', 'Leuchars', 1.5, 1], ['Leuchars', 'Edinburgh', 1.5, 3],
    ['Edinburgh', 'Glasgow', 1, 1], ['Edinburgh', 'York', 3.5, 4], ['Glasgow', 'Carlisle', 1, 1],
    ['Carlisle', 'York', 2.5, 3.5], ['Carlisle', 'Birmingham', 2, 1], ['Birmingham', 'London', 1.5, 2.5],
    ['Leuchars', 'StAndrews', 0.2, 0.2], ['York', 'London', 1.8, 2], ['London', 'Brussels', 2.5, 3.5],
    ['Brussels', 'Cologne', 2, 1.5], ['Toronto', 'Winnipeg', 36, 35], ['Winnipeg', 'Saskatoon', 12, 5],
    ['Saskatoon', 'Edmonton', 12, 17], ['Edmonton', 'Jasper', 6, 5], ['Jasper', 'Vancouver', 12, 13]];
  const circles = [
    ['A', 'B', 'left_bar'], ['B', 'C', 'left_blarg'], ['C', 'D', 'left_blorg'], ['B', 'E', 'left_blub'],
    ['E', 'F', 'left_schubi'], ['A', 'G', 'right_foo'], ['G', 'H', 'right_blob'], ['H', 'I', 'right_blub'],
    ['G', 'J', 'right_zip'], ['J', 'K', 'right_zup']];
  const components = 'A1-A2 A2-A3 A3-A4 A4-A1 B1-B3 B2-B4 B3-B6 B4-B3 B4-B5 B6-B7 B7-B8 B7-B9 B7-B10 B7-B19 '
    + 'B11-B10 B12-B11 B13-B12 B13-B20 B14-B13 B15-B14 B15-B16 B17-B15 B17-B18 B19-B17 B20-B21 B20-B22 '
    + 'C1-C2 C2-C3 C3-C4 C4-C5 C4-C7 C5-C6 C5-C7 C7-C8 C8-C9 C8-C10';
  const joined = components.split(' ').map((pair) => pair.split('-'));
  const city = (_key, population, isCapital, longitude, latitude) =>
    ({_key, population, isCapital, geometry: {type: 'Point', coordinates: [longitude, latitude]}});
  const road = (from, to, distance) => ({_from: from, _to: to, distance});

  // country, code, continent, capital
  const countries = `Afghanistan AFG Asia Kabul, Albania ALB Europe Tirana, Algeria DZA Africa Algiers,
    Andorra AND Europe Andorra_la_Vella, Angola AGO Africa Luanda,
    Antigua_and_Barbuda ATG North_America Saint_John's, Argentina ARG South_America Buenos_Aires,
    Australia AUS Australia Canberra, Austria AUT Europe Vienna, Bahamas BHS North_America Nassau,
    Bahrain BHR Asia Manama, Bangladesh BGD Asia Dhaka, Barbados BRB North_America Bridgetown,
    Belgium BEL Europe Brussels, Bhutan BTN Asia Thimphu, Bolivia BOL South_America La_Paz,
    Bosnia_and_Herzegovina BIH Europe Sarajevo, Botswana BWA Africa Gaborone,
    Brazil BRA South_America Brasilia, Brunei BRN Asia Bandar_Seri_Begawan, Bulgaria BGR Europe Sofia,
    Burkina_Faso BFA Africa Ouagadougou, Burundi BDI Africa Bujumbura, Cambodia KHM Asia Phnom_Penh,
    Cameroon CMR Africa Yaounde, Canada CAN North_America Ottawa, Chad TCD Africa N'Djamena,
    Chile CHL South_America Santiago, Colombia COL South_America Bogota,
    Cote_d'Ivoire CIV Africa Yamoussoukro, Croatia HRV Europe Zagreb, Czech_Republic CZE Europe Prague,
    Denmark DNK Europe Copenhagen, Ecuador ECU South_America Quito, Egypt EGY Africa Cairo,
    Eritrea ERI Africa Asmara, Finland FIN Europe Helsinki, France FRA Europe Paris,
    Germany DEU Europe Berlin, People's_Republic_of_China CHN Asia Beijing`
    .split(',').map((entry) => entry.trim().split(' ').map((word) => word.replace(/_/g, ' ')));
  const letters = (name) => name.toLowerCase().replace(/[^a-z]/g, '');
  const capitals = countries.map((entry) => [entry[3], entry[0]])
    .sort(([one], [other]) => letters(one) < letters(other) ? -1 : 1);
  const continents = ['Africa', 'Asia', 'Australia', 'Europe', 'North America', 'South America'];
  const place = (type, name) => `${type}-${name.toLowerCase().replace(/[^a-z]/g, '-')}`;
  const placed = (type, name, more) => Object.assign({_key: place(type, name), name, type}, more);
  const world = {
    edgeDefinitions: one('worldEdges', 'worldVertices'),
    worldVertices: [
      {_key: 'world', name: 'World', type: 'root'},
      ...continents.map((name) => placed('continent', name)),
      ...countries.map(([name, code]) => placed('country', name, {code})),
      ...capitals.map(([name]) => placed('capital', name))],
    worldEdges: links('worldVertices', [
      ...continents.map((name) => [place('continent', name), 'world', {type: 'is-in'}]),
      ...countries.map(([name, , where]) => [place('country', name), place('continent', where), {type: 'is-in'}]),
      ...capitals.map(([name, where]) => [place('capital', name), place('country', where), {type: 'is-in'}])]),
  };

  const graphs = {
    worldCountry: world,
    knows_graph: {
      edgeDefinitions: one('knows', 'persons'),
      persons: keyed(['alice', 'bob', 'charlie', 'dave', 'eve'], (key) => ({name: capital(key)})),
      knows: links('persons',
        [['alice', 'bob'], ['bob', 'charlie'], ['bob', 'dave'], ['eve', 'alice'], ['eve', 'bob']]),
    },
    social: {
      edgeDefinitions: [{collection: 'relation', from: ['female', 'male'], to: ['female', 'male']}],
      female: keyed(['alice', 'diana'], (key) => ({name: capital(key)})),
      male: keyed(['bob', 'charly'], (key) => ({name: capital(key)})),
      relation: [
        ['female/alice', 'male/bob', 'married', 'alice'], ['female/alice', 'male/charly', 'friend', 'alice'],
        ['male/charly', 'female/diana', 'married', 'charly'], ['male/bob', 'female/diana', 'friend', 'bob'],
      ].map(([_from, _to, type, vertex]) => ({_from, _to, type, vertex})),
    },
    routeplanner: {
      edgeDefinitions: one('frenchHighway', 'frenchCity').concat(one('germanHighway', 'germanCity'), [{
        collection: 'internationalHighway',
        from: ['frenchCity', 'germanCity'],
        to: ['frenchCity', 'germanCity']}]),
      germanCity: [
        city('Berlin', 3000000, true, 13.3833, 52.5167), city('Cologne', 1000000, false, 6.9528, 50.9364),
        city('Hamburg', 1000000, false, 10.0014, 53.5653)],
      frenchCity: [city('Lyon', 80000, false, 4.84, 45.76), city('Paris', 4000000, true, 2.3508, 48.8567)],
      germanHighway: links('germanCity', [
        ['Berlin', 'Cologne', {distance: 850}], ['Berlin', 'Hamburg', {distance: 400}],
        ['Hamburg', 'Cologne', {distance: 500}]]),
      frenchHighway: links('frenchCity', [['Paris', 'Lyon', {distance: 550}]]),
      internationalHighway: [
        road('germanCity/Berlin', 'frenchCity/Lyon', 1100), road('germanCity/Berlin', 'frenchCity/Paris', 1200),
        road('germanCity/Hamburg', 'frenchCity/Paris', 900), road('germanCity/Hamburg', 'frenchCity/Lyon', 1300),
        road('germanCity/Cologne', 'frenchCity/Lyon', 700), road('germanCity/Cologne', 'frenchCity/Paris', 550)],
    },
    traversalGraph: {
      edgeDefinitions: one('edges', 'circles'),
      circles: keyed([...'ABCDEFGHIJK'], (key) => ({label: String(key.charCodeAt(0) - 64)})),
      edges: links('circles',
        circles.map(([from, to, label]) => [from, to, {theFalse: false, theTruth: true, label}])),
    },
    kShortestPathsGraph: {
      edgeDefinitions: one('connections', 'places'),
      places: keyed(places.split(' '), (label) => ({label})),
      connections: links('places', trains.flatMap(([from, to, there, back]) =>
        [[from, to, {travelTime: there}], [to, from, {travelTime: back}]])),
    },
    connectedComponentsGraph: {
      edgeDefinitions: one('connections', 'components'),
      components: keyed([...new Set(joined.flat())], () => ({})),
      connections: links('components', joined),
    },
    mps_graph: {
      edgeDefinitions: one('mps_edges', 'mps_verts'),
      mps_verts: keyed([...'ABCDEF'], (id) => ({id})),
      mps_edges: links('mps_verts', ['AB', 'AE', 'AF', 'BC', 'CD', 'ED', 'FD'].map(
        (pair) => [pair[0], pair[1], {vertex: pair[0]}])),
    },
  };

  const minutes = ['07:00', '07:15', '07:30', '07:45', '08:00'];
  const observed = (subject, values) =>
    values.map((val, i) => ({time: `2021-05-25 ${minutes[i]}:00`, subject, val}));
  const tables = {
    joinSampleDataset: {
      users: ['Abigail', 'Fred', 'Mary', 'Mariah', 'John'].map(
        (name, i) => ({key: name, name, active: name !== 'John', userId: i + 1})),
      relations: [[1, 2], [1, 3], [1, 4], [2, 5], [2, 2], [3, 4], [3, 1], [4, 1], [4, 2]].map(
        ([friendOf, thisUser]) => ({type: 'friend', friendOf, thisUser})),
    },
    observationsSampleDataset: {
      observations: observed('st113', [10, 9, 25, 20]).concat(observed('xh458', [0, 10, 5, 30, 25])),
    },
  };

  global.__examples = {graphs, tables};
})(globalThis);
