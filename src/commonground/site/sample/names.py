"""Invented names of people, schools, districts and streets."""

FIRST_NAMES = (
    "Amara", "Marcus", "Lucía", "David", "Thuy", "Sarah", "Jamal", "Renée", "Miguel", "Priya", "Elena", "Kwame", "Ana",
    "Tomás", "Grace", "Hassan", "Mei", "Caleb", "Fatima", "Robert", "Yesenia", "Naomi", "Andre", "Ingrid", "Rafael",
    "Leilani", "Samuel", "Nadia", "Terrence", "Xiomara", "Daniel", "Aisha", "Brian", "Soledad", "Minh", "Janelle",
    "Peter", "Itzel", "Omar", "Katherine", "Dante", "Noor", "Esteban", "Ruth", "Kofi", "Beatriz", "Hannah", "Víctor",
    "Lien", "Isaac", "Carmen", "Darnell", "Sunita", "Paul", "Alma", "Tenzin", "Monique", "Arturo", "Joy", "Emeka",
    "Patricia", "Hugo", "Sofia", "Curtis", "Maribel", "Asha", "Gregory", "Paloma", "Wendell", "Farah", "Joaquín",
    "Denise", "Bao", "Rosalind", "Malik", "Vera", "Ramón", "Adaeze", "Neil", "Citlali",
)  # fmt: skip
LAST_NAMES = (
    "Okafor", "Alvarez", "Nguyen", "Whitfield", "Castillo", "Brooks", "Patel", "Hernández", "Lindqvist", "Washington",
    "Tran", "Morales", "Abdi", "Kowalski", "Reyes", "Freeman", "Ibarra", "Chen", "Delgado", "Osei", "Larsen", "Quintero",
    "Jackson", "Vang", "Sandoval", "Pruitt", "Haddad", "Espinoza", "Carter", "Mbeki", "Rosales", "Sullivan", "Yang",
    "Figueroa", "Hollis", "Navarro", "Bauer", "Gutiérrez", "Ferris", "Singh", "Villanueva", "Monroe", "Park", "Cárdenas",
    "Bishop", "Rahman", "Ochoa", "Tillman", "Begay", "Lozano", "Sato", "Mendoza", "Greer", "Fuentes", "Barros", "Hale",
    "Zamora", "Tesfaye", "Robles", "Underwood", "Aguilar", "Lam", "Trujillo", "Maddox", "Peña", "Whitehorse", "Solís",
    "Ashby", "Contreras", "Diallo",
)  # fmt: skip
SCHOOL_NAMES = (
    "Alder", "Aspen Grove", "Bluebird", "Bright Water", "Canyon View", "Clara Whitfield", "Clover Hill", "Cottonwood",
    "Dogwood", "Eagle Rock", "Elena Ibarra", "Elm Street", "Evergreen", "Fox Run", "Garden Street", "Goldfinch",
    "Granite Hills", "Harvest Hill", "Hawthorn", "Henry Osei", "Hickory Lane", "High Plains", "Honeysuckle",
    "Indigo Springs", "Iron Bridge", "James Tillman", "Kestrel", "Lakeside", "Laurel", "Linden", "Lone Oak", "Magnolia",
    "Maple Avenue", "Mariposa", "Meadowlark", "Mesa Verde", "Mill Creek", "Morning Star", "Mulberry", "North Fork",
    "Oak Knoll", "Old Mill", "Orchard", "Osage", "Painted Rock", "Pear Tree", "Pine Ridge", "Pioneer", "Plum Creek",
    "Poplar", "Prairie View", "Redbud", "River Oaks", "Riverbend", "Rosa Delgado", "Sage Hill", "Saint Clair",
    "Sandstone", "Shady Grove", "Silver Birch", "Spring Street", "Stonegate", "Summit", "Sunflower", "Sycamore",
    "Tamarack", "Thistle", "Thomas Begay", "Valley Oak", "Vista Grande", "Walnut Grove", "Washington Avenue", "West Fork",
    "Whispering Pines", "White Oak", "Wild Rose", "Willow Bend", "Windmill", "Wren", "Yarrow", "Amber Hill",
    "Barn Swallow", "Birch Hollow", "Buckeye", "Cherry Street", "Cricket Hollow", "Dover Street", "Fern Hill",
    "Grant Street", "Heritage", "Juniper Heights", "Killdeer", "Lark Meadow", "Ninth Street", "Oriole", "Peach Tree",
    "Quarry Road", "Rolling Hills", "Sixth Avenue", "South Fork", "Sparrow Lane", "Teal Pond", "Union Street", "Verbena",
    "Water Street", "Winding Creek",
)  # fmt: skip
CHARTER_NAMES = (
    "Open Door", "Bridges", "Cornerstone", "Horizon", "Riverstone", "Compass", "Lighthouse", "New Roots", "Pathfinder",
    "Keystone", "Summit Trail", "Two Rivers", "Juniper Language", "Catalyst", "Harbor", "Ember", "Crossroads",
    "Prairie Arts", "Foundry", "Wayfinder", "Seedling", "Skyline", "Common Thread", "Ridgeline",
)  # fmt: skip
STREETS = (
    "Main St.", "Oak Ave.", "Mill Rd.", "School St.", "Prairie Rd.", "County Road 9", "Depot St.", "Chapel Hill Rd.",
    "River Rd.", "Lincoln Ave.", "Sunset Blvd.", "Orchard Ln.", "College Ave.", "Ferry Rd.", "Elevator Rd.",
    "Juniper Ave.",
)  # fmt: skip
