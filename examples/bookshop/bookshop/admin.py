from django.contrib import admin

from bookshop.models import Author, Book, Stock


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "born_in"]
    search_fields = ["name"]


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "isbn", "binding", "price"]
    list_filter = ["binding"]
    search_fields = ["title", "isbn"]
    autocomplete_fields = ["authors"]


@admin.register(Stock)
class StockAdmin(admin.ModelAdmin):
    """The wholesaler's rows, to look at: the next sync would undo what is changed here."""

    list_display = ["book_id", "copies", "arriving_on", "deleted_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
