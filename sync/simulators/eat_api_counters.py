"""The words of pasta, pizza, wok, salads and desserts. One part a line: ``text: LABEL CODES`` of what is in it."""

from __future__ import annotations

from sync.simulators.eat_api_parts import table

PASTA = table("""
Penne: WHEAT
Spaghetti: WHEAT
Spirelli: WHEAT
Farfalle: WHEAT
Rigatoni: WHEAT
Vollkornnudeln: WHEAT
Dinkelnudeln: SPELT
Linsennudeln:
Tagliatelle: WHEAT CHICKEN_EGGS
Gnocchi: WHEAT SULFITES
Tortellini mit Ricotta: WHEAT MILK CHICKEN_EGGS
Schupfnudeln: WHEAT CHICKEN_EGGS
""")

PASTA_SAUCES = table("""
all'arrabbiata: GARLIC
mit Tomatensauce: CELERY
Bolognese: BEEF CELERY GARLIC
mit Linsenbolognese: CELERY GARLIC
Carbonara: PORK MILK CHICKEN_EGGS PRESERVATIVES
in Gorgonzolasauce: MILK
in Käse-Lauch-Sauce: MILK CELERY
in Lachs-Sahne-Sauce: FISH MILK
mit Basilikumpesto: CASHEWS MILK GARLIC
mit Rucolapesto: ALMONDS GARLIC
in Spinatrahm: MILK GARLIC
mit Thunfischsugo: FISH GARLIC
mit Putenstreifen: POULTRY MILK
mit Pilzrahm: MILK
aglio e olio: GARLIC
mit Ofenkürbis:
mit Sojahack: SOY CELERY
alla norma: GARLIC
""")

PASTA_TOPPINGS = table("""
frischem Rucola:
Reibekäse: MILK DYESTUFF
gerösteten Pinienkernen:
Kirschtomaten:
schwarzen Oliven: DYESTUFF
gehobeltem Hartkäse: MILK
Kapern:
Zucchinistreifen:
gehackten Mandeln: ALMONDS
Hefeflocken:
Basilikum:
Fetawürfeln: MILK
""")

PIZZA_TOPPINGS = table("""
Salami: PORK PRESERVATIVES ANTIOXIDANTS
Kochschinken: PORK PRESERVATIVES PHOSPHATES
Thunfisch: FISH
Champignons:
Paprika:
Zwiebeln:
Artischocken: SULFITES
Oliven: DYESTUFF
Spinat:
Feta: MILK
Gorgonzola: MILK
Mais:
Ananas:
Brokkoli:
Peperoni: PRESERVATIVES
Rucola:
Hähnchen: POULTRY
Ei: CHICKEN_EGGS
Kapern:
Rinderhack: BEEF
""")

WOK = table("""
Wokgemüse mit Tofu: SOY
Gebratene Eiernudeln: WHEAT CHICKEN_EGGS SOY
Reisnudeln mit Gemüse: SOY
Rindfleischstreifen mit Brokkoli: BEEF SOY
Hähnchen mit Paprika: POULTRY SOY
Knusprige Ente: POULTRY SOY
Schweinefleisch süß-sauer: PORK SOY
Garnelen mit Zuckerschoten: SHELLFISH SOY
Bambussprossen und Pilze: SOY
Pak Choi mit Cashews: CASHEWS SOY
""")

WOK_SAUCES = table("""
in Teriyakisauce: SOY WHEAT ALCOHOL
in rotem Thaicurry: GARLIC
in grünem Thaicurry: GARLIC
in Erdnusssauce: PEANUTS
in Hoisinsauce: SOY WHEAT SESAME
in Chili-Knoblauch-Sauce: GARLIC
in Limetten-Kokos-Sauce:
in Sojasauce mit Ingwer: SOY WHEAT
in Ananassauce: DYESTUFF
in schwarzer Bohnensauce: SOY
""")

WOK_SIDES = table("""
Jasminreis:
Duftreis:
Mienudeln: WHEAT
Glasnudeln:
Klebreis:
Sesamreis: SESAME
""")

DESSERTS = table("""
Vanillepudding: MILK
Schokoladenmousse: MILK CHICKEN_EGGS GELATIN
Panna cotta: MILK GELATIN
Rote Grütze: SULFITES
Quarkspeise: MILK
Grießpudding: WHEAT MILK
Kokosmilchreis:
Sojajoghurt: SOY
Tiramisu im Glas: WHEAT MILK CHICKEN_EGGS ALCOHOL
Obstsalat:
Haselnusscreme: HAZELNUTS MILK
Chiapudding: SOY
Zitronencreme: MILK CHICKEN_EGGS
Apfel-Crumble: WHEAT MILK
""")

DESSERT_TOPPINGS = table("""
mit Kirschen:
mit Himbeersauce:
mit gerösteten Mandeln: ALMONDS
mit Schokoraspeln: COCOA_CONTAINING_GREASE SOY
mit Vanillesauce: MILK DYESTUFF
mit Heidelbeeren:
mit Mangopüree: ANTIOXIDANTS
mit Karamellsauce: MILK
mit Walnusskrokant: WALNUTS
mit Pistazien: PISTACHIOS
mit Zimtpflaumen:
mit Haferstreuseln: OAT
""")

SWEETS = table("""
Kaiserschmarrn: WHEAT MILK CHICKEN_EGGS
Germknödel: WHEAT MILK
Milchreis: MILK
Apfelstrudel: WHEAT MILK
Pfannkuchen: WHEAT MILK CHICKEN_EGGS
Quarkkeulchen: WHEAT MILK CHICKEN_EGGS
Dampfnudel: WHEAT MILK
Kirschmichel: WHEAT MILK CHICKEN_EGGS
Grießschnitten: WHEAT MILK CHICKEN_EGGS
Haferschmarrn: OAT SOY
""")

SALADS = table("""
Blattsalate:
Linsensalat: MUSTARD
Nudelsalat: WHEAT CHICKEN_EGGS MUSTARD
Couscoussalat: WHEAT
Griechischer Bauernsalat: MILK
Kartoffelsalat: MUSTARD
Rote-Bete-Salat: SULFITES
Quinoasalat:
Kichererbsensalat: GARLIC
Glasnudelsalat: SOY
""")

SALAD_TOPPINGS = table("""
gebackenem Camembert: MILK WHEAT
gegrillten Putenstreifen: POULTRY
Räuchertofu: SOY
gekochtem Ei: CHICKEN_EGGS
Thunfisch: FISH
Mozzarella: MILK
Falafel: SESAME
Sonnenblumenkernen:
Ofenkürbis:
gebratenen Champignons:
""")

DRESSINGS = table("""
Balsamicodressing: SULFITES
Joghurtdressing: MILK
Senf-Honig-Dressing: MUSTARD CHICKEN_EGGS
Limettendressing:
Sesamdressing: SESAME SOY
Kräutervinaigrette: MUSTARD
Himbeeressig: SULFITES
""")
